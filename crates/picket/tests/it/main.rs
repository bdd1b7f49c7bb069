//! The whole product, driven from outside: gateway, API, command line, official clients.

mod access;
mod clients;
mod commands;
mod faults;
mod gateway;
mod harness;
mod kills;
mod people;
