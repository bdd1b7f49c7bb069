//! The two stages of stopping: first finish what runs, then stop at once.

use tokio::sync::watch;

/// How far stopping has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Work as usual.
    Running,
    /// Take nothing new, finish what runs.
    Draining,
    /// Stop at once.
    Stopped,
}

/// Sees when the process drains and stops. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<Stage>);

/// Starts draining and stopping.
#[derive(Debug, Clone)]
pub struct Trigger(watch::Sender<Stage>);

impl Trigger {
    /// A trigger and what it triggers.
    pub fn new() -> (Self, Shutdown) {
        let (sender, receiver) = watch::channel(Stage::Running);
        (Self(sender), Shutdown(receiver))
    }

    /// Moves on to `stage`; never back.
    pub fn advance(&self, stage: Stage) {
        self.0.send_if_modified(|now| {
            let later = stage > *now;
            if later {
                *now = stage;
            }
            later
        });
    }

    /// Another view of this trigger.
    pub fn shutdown(&self) -> Shutdown {
        Shutdown(self.0.subscribe())
    }
}

impl Shutdown {
    /// The present stage; `Stopped` when the trigger is gone.
    pub fn stage(&self) -> Stage {
        if self.0.has_changed().is_err() { Stage::Stopped } else { *self.0.borrow() }
    }

    /// Whether work goes on as usual.
    pub fn is_running(&self) -> bool {
        self.stage() == Stage::Running
    }

    /// Returns when the process drains or stops.
    pub async fn draining(&self) {
        self.reach(Stage::Draining).await;
    }

    /// Returns when the process stops at once.
    pub async fn stopped(&self) {
        self.reach(Stage::Stopped).await;
    }

    async fn reach(&self, stage: Stage) {
        // An error means that the trigger is gone, which is the last stage.
        match self.0.clone().wait_for(|now| *now >= stage).await {
            Ok(_) | Err(_) => {}
        }
    }
}
