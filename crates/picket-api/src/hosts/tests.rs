use super::Hosts;

#[test]
fn addresses_and_names_of_the_list_are_ours_and_nothing_else() {
    let hosts = Hosts::only(["Picket.Example.com".to_owned()]);
    for host in [
        "localhost",
        "LOCALHOST:8081",
        "picket.example.com",
        "picket.example.com.:443",
        "127.0.0.1",
        "127.0.0.1:8081",
        "10.1.2.3:80",
        "[::1]",
        "[::1]:8081",
    ] {
        assert!(hosts.permit(host), "{host}");
    }
    for host in [
        "",
        "evil.example",
        "evil.example:8081",
        "picket.example.com.evil.example",
        "evil.picket.example.com",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "user@localhost",
        "[localhost]",
        "localhost:",
        "localhost:80:80",
        "0x7f.1",
    ] {
        assert!(!hosts.permit(host), "{host}");
    }
    assert!(Hosts::any().permit("evil.example"));
}
