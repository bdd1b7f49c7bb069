//! Addresses are judged where the connection is made.

use crate::{EgressError, Limits, Upstream};
use bytes::Bytes;
use http::{HeaderMap, Method};
use ipnet::IpNet;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpListener;

async fn send(url: &str, allowed: &[&str]) -> Result<u16, EgressError> {
    let allowed: Vec<IpNet> = allowed.iter().map(|net| net.parse().unwrap()).collect();
    let upstream = Upstream::gated(url, Limits::default(), None, &allowed).unwrap();
    let answer = upstream.send(Method::POST, "/judge", HeaderMap::new(), Bytes::from_static(b"{}")).await?;
    Ok(answer.status().as_u16())
}

#[test]
fn a_name_or_address_of_this_machine_is_reached_only_where_the_operator_allows_it() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    listener.set_nonblocking(true).unwrap();
    for host in ["127.0.0.1", "localhost", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]"] {
        let sent = runtime.block_on(send(&format!("http://{host}:{port}"), &["10.0.0.0/8"]));
        assert!(matches!(sent, Err(EgressError::Connect(_))), "{host}: {sent:?}");
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "{host} was connected to");
    }
    listener.set_nonblocking(false).unwrap();
    let served = std::thread::spawn(move || {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            assert_ne!(stream.read(&mut [0; 1_024]).unwrap(), 0);
            stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
        }
    });
    for host in ["127.0.0.1", "localhost"] {
        let sent = runtime.block_on(send(&format!("http://{host}:{port}"), &["127.0.0.1/32"]));
        assert_eq!(sent.unwrap(), 204, "{host}");
    }
    served.join().unwrap();
}
