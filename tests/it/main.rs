//! Behaviour that a user would notice, through the program itself.

mod api;
mod bad_input;
mod browser;
mod commands;
mod config;
mod corpus;
mod episodes;
mod events;
mod follow;
mod growing;
mod hard;
mod keys;
mod kill;
mod leaks;
mod masking;
mod proof;
mod push;
mod queries;
mod reading;
mod reports;
mod service;
mod slow;
mod sources;
mod stories;
mod tidy;
mod world;
