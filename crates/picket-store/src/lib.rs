//! Control state: credentials, users, policies, escalations, exports, cursors.
