//! Style sheets that are made of what all clients share: the tokens of every theme, and the cells of the grid.

use std::fmt::Write as _;

use board::{
    Theme,
    layout::FINEST,
    theme::{self, Tokens},
};

/// The tokens as custom properties. A page that names no theme is Midnight, or Daylight where its reader prefers light.
pub(super) fn tokens() -> String {
    let rule = |selector: &str, theme| format!("{selector} {{\n{}}}\n", properties(&theme::tokens(theme), theme));
    let mut sheet = rule(":root, [data-theme=midnight]", Theme::Midnight);
    let daylight = rule(":root", Theme::Daylight);
    let _ = writeln!(sheet, "@media (prefers-color-scheme: light) {{\n{daylight}}}");
    for (name, theme) in [("midnight", Theme::Midnight), ("daylight", Theme::Daylight), ("signal", Theme::Signal)] {
        sheet += &rule(&format!(":root[data-theme={name}]"), theme);
    }
    sheet
}

/// The name of a theme as the attribute `data-theme` has it.
pub(super) fn name(theme: Theme) -> &'static str {
    match theme {
        Theme::Midnight => "midnight",
        Theme::Daylight => "daylight",
        Theme::Signal => "signal",
    }
}

fn properties(tokens: &Tokens, theme: Theme) -> String {
    let scheme = if theme == Theme::Daylight { "light" } else { "dark" };
    let mut properties = format!("  color-scheme: {scheme};\n");
    let named = [
        ("background", tokens.background),
        ("surface", tokens.surface),
        ("border", tokens.border),
        ("text", tokens.text),
        ("muted", tokens.muted),
        ("accent", tokens.accent),
        ("ok", tokens.ok),
        ("warn", tokens.warn),
        ("critical", tokens.critical),
        ("on-fill", tokens.on_fill),
        ("edge", tokens.edge),
        ("track", tokens.track),
    ];
    let grey = Tokens { accent: tokens.muted, ..*tokens };
    let steps = (0..5)
        .flat_map(|step| [(format!("heat-{step}"), tokens.heat(step)), (format!("heat-{step}-grey"), grey.heat(step))]);
    for (name, colour) in named.map(|(name, colour)| (name.to_owned(), colour)).into_iter().chain(steps) {
        let _ = writeln!(properties, "  --{name}: #{colour:06x};");
    }
    properties
}

/// A class for each place that a panel can have: no page carries styles of its own.
pub(super) fn grid() -> String {
    let mut sheet = String::new();
    for count in 1..=FINEST {
        let _ = writeln!(sheet, ".columns-{count} {{ --columns: {count}; }} .rows-{count} {{ --rows: {count}; }}");
        let _ = writeln!(sheet, ".width-{count} {{ --width: {count}; }} .height-{count} {{ --height: {count}; }}");
        let _ = writeln!(sheet, ".column-{count} {{ --column: {count}; }} .row-{count} {{ --row: {count}; }}");
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_of_the_wall_is_a_theme_of_the_pages_with_the_same_colours() {
        let sheet = tokens();
        for theme in [Theme::Midnight, Theme::Daylight, Theme::Signal] {
            let (_, rule) = sheet.split_once(&format!(":root[data-theme={}]", name(theme))).unwrap();
            let (rule, _) = rule.split_once('}').unwrap();
            let critical = format!("--critical: #{:06x};", theme::tokens(theme).critical);
            assert!(rule.contains(&critical), "{rule}");
        }
    }
}
