//! Requests and answers of the control API, shared with the command line.
