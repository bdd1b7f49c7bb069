//! Examples in the help of commands about people. A test parses each of them.

pub(in crate::args) const AUTH: &str = "\
Examples:
  picket auth login
  picket auth login --name ana
  picket auth status";

pub(in crate::args) const AUTH_LOGIN: &str = "\
Examples:
  picket auth login --setup --name \"Ana\"
  picket auth login --name ana
  picket auth login --name ana --password-file password.txt --code 123456
  picket auth login --sso
  picket auth login --url https://picket.example:8081 --token-file owner.token";

pub(in crate::args) const AUTH_STATUS: &str = "\
Examples:
  picket auth status
  picket auth status --format json | jq -r .role";

pub(in crate::args) const USERS: &str = "\
Examples:
  picket users create ana --role responder --password
  picket users list
  picket users suspend ana";

pub(in crate::args) const USERS_CREATE: &str = "\
Examples:
  picket users create ana --role responder --team SOC --full-name \"Ana Lopez\" --email ana@example.com --password
  picket users create auditor7 --role auditor,viewer --password --format json | jq -r .password";

pub(in crate::args) const USERS_LIST: &str = "\
Examples:
  picket users list
  picket users list --format json | jq -r '.[] | select(.state == \"suspended\").name'";

pub(in crate::args) const USERS_GET: &str = "\
Examples:
  picket users get ana
  picket users get ana --format json | jq .roles";

pub(in crate::args) const USERS_ROLES: &str = "\
Examples:
  picket users roles ana responder
  picket users roles ana policy-editor,responder";

pub(in crate::args) const USERS_SET: &str = "\
Examples:
  picket users set ana --full-name \"Ana Lopez\" --email ana@example.com";

pub(in crate::args) const USERS_SUSPEND: &str = "\
Examples:
  picket users suspend ana
  picket users suspend ana bob --yes";

pub(in crate::args) const USERS_RESUME: &str = "Examples:\n  picket users resume ana";
pub(in crate::args) const USERS_DELETE: &str = "\
Examples:
  picket users delete ana
  picket users delete ana bob --yes";

pub(in crate::args) const USERS_RESET_PASSWORD: &str = "Examples:\n  picket users reset-password ana";
pub(in crate::args) const USERS_RESET_TOTP: &str = "\
Examples:
  picket users reset-totp ana
  picket users reset-totp ana --yes";

pub(in crate::args) const TEAMS: &str = "\
Examples:
  picket teams create SOC
  picket teams add SOC ana bob
  picket teams list";

pub(in crate::args) const TEAMS_CREATE: &str = "\
Examples:
  picket teams create SOC
  picket teams create \"threat intelligence\"";

pub(in crate::args) const TEAMS_LIST: &str = "\
Examples:
  picket teams list
  picket teams list --format json | jq '.[] | {name, members}'";

pub(in crate::args) const TEAMS_ADD: &str = "Examples:\n  picket teams add SOC ana bob";
pub(in crate::args) const TEAMS_REMOVE: &str = "Examples:\n  picket teams remove SOC bob";
pub(in crate::args) const TEAMS_DELETE: &str = "\
Examples:
  picket teams delete SOC
  picket teams delete SOC --yes";

pub(in crate::args) const SESSIONS: &str = "\
Examples:
  picket sessions list
  picket sessions end ses_4Tn8pR1dEfGh2JkL";

pub(in crate::args) const SESSIONS_LIST: &str = "\
Examples:
  picket sessions list
  picket sessions list --user ana
  picket sessions list --all --format csv";

pub(in crate::args) const SUBJECTS: &str = "\
Examples:
  picket subjects erase ana@example.com --reason \"request 4711\" --confirm ana@example.com";

pub(in crate::args) const SESSIONS_END: &str = "\
Examples:
  picket sessions end ses_4Tn8pR1dEfGh2JkL
  picket sessions end ses_4Tn8pR1dEfGh2JkL --yes";

pub(in crate::args) const AUTH_LOGOUT: &str = "Examples:\n  picket auth logout";
pub(in crate::args) const AUTH_PASSWORD: &str = "\
Examples:
  picket auth password --name ana
  picket auth password --name ana --password-file old.txt --new-password-file new.txt";

pub(in crate::args) const AUTH_CONFIRM: &str = "\
Examples:
  picket auth confirm
  picket auth confirm --password-file password.txt --code 123456";

pub(in crate::args) const AUTH_TOTP: &str = "Examples:\n  picket auth totp begin\n  picket auth totp confirm 123456";
pub(in crate::args) const AUTH_TOTP_BEGIN: &str = "\
Examples:
  picket auth totp begin
  picket auth totp begin --format json | jq -r .uri";

pub(in crate::args) const AUTH_TOTP_CONFIRM: &str = "\
Examples:
  picket auth totp confirm 123456
  picket auth totp confirm 123456 --format json | jq -r '.recovery_codes[]'";

pub(in crate::args) const AUTH_TOTP_END: &str = "Examples:\n  picket auth totp end\n  picket auth totp end --yes";
