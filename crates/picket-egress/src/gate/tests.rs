use super::*;

const REFUSED: &[&str] = &[
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
    "::ffff:0:127.0.0.1",
    "64:ff9b:1::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:101::",
    "2606:4700::5efe:10.0.0.1",
    "2606:4700::200:5efe:127.0.0.1",
    "::ffff:100.64.0.1",
    "100.127.255.255",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "198.19.255.255",
    "203.0.113.7",
    "240.0.0.1",
    "0.1.2.3",
    "10.255.255.255",
    "172.31.255.255",
    "169.254.0.1",
    "fec0::1",
    "100::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "ff05::1:3",
];

const REACHED: &[&str] = &[
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
];

#[test]
fn addresses_of_machines_networks_and_clouds_are_refused_in_every_form() {
    for address in REFUSED {
        assert!(!may_reach(address.parse().unwrap(), &[]), "{address}");
    }
    for address in REACHED {
        assert!(may_reach(address.parse().unwrap(), &[]), "{address}");
    }
    assert!(may_reach("10.1.2.3".parse().unwrap(), &["10.0.0.0/8".parse().unwrap()]));
}

#[test]
fn numbers_in_another_spelling_are_no_hosts() {
    for host in [
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0X7F000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "1.1.1.1.1",
        "256.1.1.1",
        "99999999999",
        // Addresses of one machine's own network.
        "[fe80::1%25eth0]",
        "[fe80::1%eth0]",
        "[::ffff:127.1]",
    ] {
        assert!(is_disguised(host), "{host}");
    }
    for host in [
        "127.0.0.1",
        "siem.example",
        "siem.example.",
        "1.siem.example",
        "10-0-0-1.nip.example",
        "::1",
        "[::1]",
        "[2606:4700::1]",
        "a0x1",
    ] {
        assert!(!is_disguised(host), "{host}");
    }
}

#[test]
fn ports_of_other_services_are_reached_only_where_the_operator_allows_the_address() {
    let public: IpAddr = "8.8.8.8".parse().unwrap();
    let allowed = ["8.8.8.0/24".parse().unwrap()];
    for (port, expected) in [
        (443, true),
        (80, true),
        (514, true),
        (601, true),
        (6_514, true),
        (8_088, true),
        (9_092, true),
        (9_200, true),
        (65_535, true),
        (0, false),
        (22, false),
        (25, false),
        (53, false),
        (445, false),
        (2_375, false),
        (5_432, false),
        (6_379, false),
        (10_250, false),
        (11_211, false),
        (27_017, false),
    ] {
        assert_eq!(Gate::new(&[], port, true).lets(public), expected, "{port}");
        assert!(Gate::new(&allowed, port, true).lets(public), "{port}");
        assert!(!Gate::new(&allowed, port, true).lets("127.0.0.1".parse().unwrap()), "{port}");
        assert!(!Gate::new(&[], port, false).lets(public), "{port}");
    }
}

#[test]
fn a_name_that_leads_to_anything_else_than_allowed_addresses_is_reached_at_the_others_alone() {
    let address = |text: &str| -> SocketAddr { format!("{text}:443").parse().unwrap() };
    let gate = Gate::new(&[], 443, true);
    let kept = gate.keep(Ok(vec![address("127.0.0.1"), address("8.8.8.8"), address("10.0.0.1")])).unwrap();
    assert_eq!(kept, [address("8.8.8.8")]);
    // One text for what is refused and what is not there.
    let refused = gate.keep(Ok(vec![address("127.0.0.1")])).unwrap_err().to_string();
    assert_eq!(gate.keep(Err(io::ErrorKind::NotFound.into())).unwrap_err().to_string(), refused);
    assert_eq!(gate.keep(Ok(Vec::new())).unwrap_err().to_string(), refused);
}
