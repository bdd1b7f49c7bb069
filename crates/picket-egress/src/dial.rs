//! Connections to servers that people name and that do not speak HTTP, such as those of mail.

use crate::gate::{may_reach, refusal};
use crate::{Caller, EgressError, tls};
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

impl Caller {
    /// Connects to a host within a time. What is judged are the addresses that are connected to.
    pub async fn dial(&self, host: &str, port: u16, within: Duration) -> Result<TcpStream, EgressError> {
        let connecting = async {
            let found = tokio::net::lookup_host((host, port)).await?;
            let allowed = &self.outside().allowed;
            let mut failure = refusal();
            for address in found.filter(|address| may_reach(address.ip(), allowed)) {
                match TcpStream::connect(address).await {
                    Ok(stream) => return Ok(stream),
                    Err(error) => failure = error,
                }
            }
            Err(failure)
        };
        let connected = tokio::time::timeout(within, connecting).await;
        connected
            .map_err(|_elapsed| EgressError::Timeout("connect"))?
            .map_err(|error| EgressError::Connect(error.into()))
    }

    /// The same, with TLS from the first byte on.
    pub async fn dial_tls(&self, host: &str, port: u16, within: Duration) -> Result<TlsStream<TcpStream>, EgressError> {
        let stream = self.dial(host, port, within).await?;
        let name = ServerName::try_from(host.to_owned()).map_err(|error| EgressError::Connect(error.into()))?;
        let roots = tls::roots(self.outside().ca.as_deref())?;
        let config = tls::builder()?.with_root_certificates(roots).with_no_client_auth();
        let secured = tokio::time::timeout(within, TlsConnector::from(Arc::new(config)).connect(name, stream)).await;
        secured.map_err(|_elapsed| EgressError::Timeout("connect"))?.map_err(|error| EgressError::Connect(error.into()))
    }
}
