use super::*;

#[test]
fn addresses_of_machines_networks_and_clouds_are_refused_in_every_form() {
    for address in [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.0.8",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fe80::1",
        "fd00:ec2::254",
        "fc00::1",
        "ff02::1",
        "2001:0:0:0:0:0:80ff:fffe",
        "::7f00:1",
    ] {
        assert!(!may_reach(address.parse().unwrap(), &[]), "{address}");
    }
    for address in ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"] {
        assert!(may_reach(address.parse().unwrap(), &[]), "{address}");
    }
    assert!(may_reach("10.1.2.3".parse().unwrap(), &["10.0.0.0/8".parse().unwrap()]));
}
