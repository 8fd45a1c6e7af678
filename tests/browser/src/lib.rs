//! What tests of the pages are made of: a real Chromium, axe-core, and a gallery of boards with known content.
//!
//! A test drives Debian's Chromium through its WebDriver as a person would, and looks at nothing but the page. What
//! Chromium itself complains of (errors of scripts, what the Content-Security-Policy stopped) fails a test.
#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "this is test code: a panic is a failed test")]

pub mod axe;
pub mod chromium;
pub mod gallery;
pub mod page;
