//! axe-core, the accessibility checker: `scripts/axe-core` fetches it, `scripts/test` says where it lies.

use std::{env, fs};

use serde_json::{Value, json};

use crate::chromium::Browser;

/// WCAG 2.2 AA is all of these.
const TAGS: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/// Checks the page that `browser` shows; nothing may be found.
pub async fn check(browser: &Browser, page: &str) {
    let path = env::var("NEXUS_TEST_AXE").expect("NEXUS_TEST_AXE names the file that `scripts/axe-core` prints");
    let axe = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    browser.run(&axe, vec![]).await;
    let run = "const [tags, done] = arguments; axe.run({ runOnly: tags }).then(done, (error) => done(String(error)));";
    let result = browser.run_later(run, vec![json!(TAGS)]).await;
    let found = result["violations"].as_array().unwrap_or_else(|| panic!("axe-core failed on {page}: {result}"));
    let worded: Vec<String> = found.iter().map(worded).collect();
    assert!(worded.is_empty(), "{page}:\n{}", worded.join("\n"));
}

fn worded(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().into_iter().flatten();
    let where_ = nodes.map(|node| format!("\n    {} {}", node["target"], node["failureSummary"])).collect::<String>();
    format!("{}: {}{where_}", violation["id"], violation["help"])
}
