//! The kernel's command line, as the boot loader put it together from a slot's `slot.cfg`.
#![no_main]

use init::root::Root;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    let Ok(root) = line.parse::<Root>() else { return };
    let table = root.table("/dev/sda6");
    let fields = table.split(' ').collect::<Vec<_>>();
    assert_eq!((fields.len(), fields[2], fields.last()), (15, "verity", Some(&"panic_on_corruption")), "{table:?}");
    assert!(fields[1].parse::<u64>().is_ok_and(|sectors| sectors >= 8 && sectors % 8 == 0), "{table:?}");
    let is_hex = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(fields[10] == "sha256" && fields[11].len() == 64, "{table:?}");
    assert!(is_hex(fields[11]) && is_hex(fields[12]), "{table:?}");
});
