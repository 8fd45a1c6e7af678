//! The parts of a strip are told from their ground and from each other, as the wall's own test asks of the wall.

use board::theme::contrast;
use browser::{
    chromium::{Browser, DESKTOP, PHONE},
    gallery::Gallery,
};
use serde_json::{Value, json};

/// What graphics have to reach (WCAG 2.2, 1.4.11).
const ENOUGH: f64 = 3.0;

/// Of each strip, and of the marks beside its numbers: what they stand on, and the colour and kind of each part.
const STRIPS: &str = r"
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const part = (fill, ring) => rgba(fill)[3] > 0
        ? { colour: rgba(fill), hollow: false, drawn: true }
        : { colour: rgba(ring), hollow: true, drawn: rgba(ring)[3] > 0 };
    const inShadow = /(?:rgba?|color)\([^)]*\)/;
    return [...document.querySelectorAll('.whole, .shares')].map((strip) => ({
        ground: rgba(getComputedStyle(strip.closest('.panel')).backgroundColor),
        title: strip.closest('.panel').querySelector('h2').textContent,
        parts: strip.matches('.whole')
            ? [...strip.querySelectorAll('rect')].map((rect) => {
                const style = getComputedStyle(rect);
                const box = rect.getBoundingClientRect();
                return { ...part(style.fill, style.stroke), left: box.left, right: box.right };
            })
            : [...strip.querySelectorAll('.amount')].map((amount) => {
                const style = getComputedStyle(amount, '::after');
                return part(style.backgroundColor, style.boxShadow.match(inShadow)?.[0] ?? 'transparent');
            }),
    }));
";

fn rgb(colour: &Value) -> u32 {
    (0..3).fold(0, |rgb, channel| rgb << 8 | colour[channel].as_u64().unwrap() as u32)
}

fn are_alike(one: &Value, other: &Value) -> bool {
    let channel = |part: &Value, channel: usize| part["colour"][channel].as_i64().unwrap();
    one["hollow"] == other["hollow"] && (0..3).all(|at| (channel(one, at) - channel(other, at)).abs() < 40)
}

fn faults(strips: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for strip in strips.as_array().unwrap() {
        let (title, ground) = (&strip["title"], rgb(&strip["ground"]));
        let parts = strip["parts"].as_array().unwrap();
        for part in parts {
            let reached = contrast(rgb(&part["colour"]), ground);
            if part["drawn"] != true || reached < ENOUGH {
                faults.push(format!("a part of {title} reaches {reached:.1}:1 only: {part}"));
            }
        }
        for pair in parts.windows(2) {
            if are_alike(&pair[0], &pair[1]) {
                faults.push(format!("two neighbours in {title} look alike: {} and {}", pair[0], pair[1]));
            }
            let gap = pair[1]["left"].as_f64().zip(pair[0]["right"].as_f64()).map(|(next, end)| next - end);
            if gap.is_some_and(|gap| gap < 1.0) {
                faults.push(format!("two neighbours in {title} touch: {} and {}", pair[0], pair[1]));
            }
        }
    }
    faults
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_of_a_strip_stands_out_in_every_theme_with_its_colour_and_without() {
    let gallery = Gallery::open().await;
    for (screen, kind) in [(DESKTOP, "desktop"), (PHONE, "phone")] {
        let browser = Browser::open(screen).await;
        for theme in ["midnight", "daylight", "signal"] {
            for board in ["more-forms", "more-forms-stale"] {
                browser.go(&gallery.page(theme, board)).await;
                for lost in [false, true] {
                    if lost {
                        browser.run("document.documentElement.dataset.connection = 'lost'", vec![]).await;
                    }
                    let strips = browser.run(STRIPS, vec![]).await;
                    let page = format!("strips-{kind}-{theme}-{board}{}", if lost { "-lost" } else { "" });
                    browser.picture(&page).await;
                    assert_ne!(strips, json!([]), "{page} has a strip");
                    assert_eq!(faults(&strips), Vec::<String>::new(), "{page}");
                }
            }
        }
        browser.close().await;
    }
}

#[test]
fn a_part_that_is_too_pale_or_like_its_neighbour_is_found() {
    let part = |colour: [u8; 3], hollow: bool| json!({ "colour": colour, "hollow": hollow, "drawn": true });
    let strip = |parts: Vec<Value>| json!([{ "title": "By status", "ground": [0, 0, 0], "parts": parts }]);
    let pale = faults(&strip(vec![part([255, 255, 255], false), part([40, 40, 60], false)]));
    assert!(pale.len() == 1 && pale[0].contains(":1 only"), "{pale:?}");
    let alike = faults(&strip(vec![part([200, 200, 200], false), part([220, 180, 200], false)]));
    assert!(alike.len() == 1 && alike[0].contains("look alike"), "{alike:?}");
    assert!(faults(&strip(vec![part([200, 200, 200], false), part([200, 200, 200], true)])).is_empty());
}
