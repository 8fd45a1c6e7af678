//! Numbers that JSON can express. `serde_json` would write the others as `null`, which no client reads back.

use serde::{Serialize, Serializer, ser::Error};

/// One number.
pub(crate) fn number<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    check(number)?;
    number.serialize(serializer)
}

/// A number or none.
pub(crate) fn option<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    number.iter().try_for_each(check)?;
    number.serialize(serializer)
}

/// Many numbers.
pub(crate) fn list<S: Serializer>(numbers: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    numbers.iter().try_for_each(check)?;
    numbers.serialize(serializer)
}

fn check<E: Error>(number: &f64) -> Result<(), E> {
    if number.is_finite() { Ok(()) } else { Err(E::custom(format_args!("{number} is not a number that can be sent"))) }
}
