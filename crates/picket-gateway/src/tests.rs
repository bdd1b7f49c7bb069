//! Sockets.

use crate::Listeners;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};

#[test]
fn an_address_is_shared_by_the_threads_of_one_gateway_and_by_nobody_else() {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    for threads in [1, 3] {
        let first = Listeners::bind(any, threads).unwrap();
        for others in [1, 2] {
            let second = Listeners::bind(first.address(), others);
            assert_eq!(second.unwrap_err().kind(), ErrorKind::AddrInUse, "{threads} and {others}");
        }
        let address = first.address();
        assert_eq!(first.into_sockets().len(), threads);
        // Free again.
        assert_eq!(Listeners::bind(address, threads).unwrap().address(), address);
    }
}
