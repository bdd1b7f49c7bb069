//! Connections of one thread, by whose they are.

use picket_egress::{EgressError, Upstream};
use std::sync::{Arc, Mutex, PoisonError};

/// Servers that are connected to, each as one configuration describes it.
#[derive(Debug)]
pub(crate) struct Pool<T>(Mutex<Vec<(Arc<T>, Upstream)>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Pool<T> {
    /// The connections to a server, made on first use.
    pub(crate) fn get(
        &self,
        server: &Arc<T>,
        make: impl FnOnce(&T) -> Result<Upstream, EgressError>,
    ) -> Result<Upstream, EgressError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, upstream)) = known.iter().find(|(other, _)| Arc::ptr_eq(other, server)) {
            return Ok(upstream.clone());
        }
        // What no configuration and no request names any more is left to the requests that use its connections.
        known.retain(|(other, _)| Arc::strong_count(other) > 1);
        let upstream = make(server)?;
        known.push((Arc::clone(server), upstream.clone()));
        Ok(upstream)
    }
}
