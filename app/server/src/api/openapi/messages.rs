//! What the messages of the API look like. `board` and `pairing` are the truth of them; a test holds what the server
//! says and takes against what stands here. They stand here because those crates know of no web.
#![expect(dead_code, reason = "these types are read by the description alone")]

use utoipa::ToSchema;
use uuid::Uuid;

/// A board as it stands.
#[derive(ToSchema)]
pub(crate) struct Board {
    id: String,
    title: String,
    /// Grows with every change, within one run of the server.
    revision: u64,
    /// `midnight`, `daylight`, `signal`, or one of a later version.
    theme: String,
    look: String,
    /// IANA name of the zone in which times are shown.
    time_zone: String,
    /// Whether the numbers are made up.
    demo: bool,
    #[schema(required = false, nullable = false)]
    simulated: Option<SimulatedTime>,
    layout: Layout,
    panels: Vec<Panel>,
    #[schema(required = false)]
    ticker: Vec<String>,
    /// What covers the board at present.
    #[schema(required = false, nullable = false)]
    overlay: Option<Overlay>,
}

/// How a demo desk's time runs.
#[derive(ToSchema)]
struct SimulatedTime {
    /// At this real instant
    #[schema(format = DateTime)]
    at: String,
    /// the desk's time is this one,
    #[schema(format = DateTime)]
    shows: String,
    /// and for each real second so many of the desk's pass.
    speed: u16,
}

/// Where panels stand on a grid.
#[derive(ToSchema)]
struct Layout {
    columns: u8,
    rows: u8,
    #[schema(required = false, nullable = false)]
    strip: Option<Strip>,
    placements: Vec<Placement>,
}

/// Panels that share rows evenly.
#[derive(ToSchema)]
struct Strip {
    row: u8,
    rows: u8,
    panels: Vec<String>,
}

#[derive(ToSchema)]
struct Placement {
    panel: String,
    area: Area,
}

#[derive(ToSchema)]
struct Area {
    column: u8,
    row: u8,
    columns: u8,
    rows: u8,
}

/// One panel. What `data` holds depends on `form`; a form that a reader does not know is shown as a hint.
#[derive(ToSchema)]
struct Panel {
    id: String,
    title: String,
    #[schema(required = false, nullable = false)]
    short_title: Option<String>,
    /// `stat`, `gauge`, `bars`, `trend`, `heatmap`, `table`, `leaderboard`, `roster`, `queue`, `tiles`, `ticker`, `text`,
    /// `clock`, or one of a later version.
    form: String,
    #[schema(value_type = Object)]
    data: serde_json::Value,
    /// `ok`, `warn`, `critical`, `stale`, `unavailable`, or one of a later version.
    status: String,
    revision: u64,
    #[schema(format = DateTime)]
    updated_at: String,
    /// Whether its data come from beside the helpdesk, as a calendar's do; without it, from the helpdesk.
    #[schema(required = false)]
    beside_desk: bool,
}

/// `message`, `war_room`, or one of a later version.
#[derive(ToSchema)]
struct Overlay {
    kind: String,
}

/// A device asks to be paired.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    #[schema(minimum = 1, maximum = 255)]
    version: u8,
    /// An Ed25519 public key, base64url.
    #[schema(pattern = "^[A-Za-z0-9_-]{43}$")]
    device_key: String,
    /// SPAKE2, base64url.
    #[schema(pattern = "^[A-Za-z0-9_-]{44}$")]
    pake: String,
    description: Description,
}

/// What asks to join, for an administrator's eyes.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct Description {
    #[schema(pattern = "^[!-~]([ -~]{0,62}[!-~])?$")]
    model: String,
    #[schema(pattern = "^[!-~]([ -~]{0,62}[!-~])?$")]
    serial: String,
    #[schema(pattern = "^[!-~]([ -~]{0,62}[!-~])?$")]
    software: String,
}

/// A pairing is open.
#[derive(ToSchema)]
pub(crate) struct Created {
    /// The device's secret handle on it.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pairing: String,
    /// The number that the code begins with.
    #[schema(minimum = 100, maximum = 9999)]
    nameplate: u16,
    /// Until the code ends.
    lifetime_seconds: u32,
}

/// How a pairing stands.
#[derive(ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Nobody has typed the code yet.
    Waiting,
    /// Somebody did; the device gives its verdict.
    Answered { pake: String, tag: String, sealed: String },
    /// The device confirmed; the administrator compares digits.
    Comparing,
    /// The device is registered.
    Registered { device: Uuid },
    /// It came to nothing.
    Closed,
}

/// What the device makes of the answer. A refusal has no signature.
#[derive(ToSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub(crate) enum Verdict {
    Confirmed {
        #[schema(pattern = "^[A-Za-z0-9_-]{43}$")]
        tag: String,
        #[schema(pattern = "^[A-Za-z0-9_-]{86}$")]
        signature: String,
    },
    Refused {
        #[schema(pattern = "^[A-Za-z0-9_-]{43}$")]
        tag: String,
    },
}

/// What the server's certificate is verified against.
#[derive(ToSchema)]
pub(crate) struct Anchor {
    /// PEM; null for the public web's roots.
    #[schema(required = true)]
    certificates: Option<String>,
}

/// A device joins by an access link.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    #[schema(minimum = 1, maximum = 255)]
    version: u8,
    /// The link's key, base64url.
    #[schema(pattern = "^[A-Za-z0-9_-]{43}$")]
    key: String,
    #[schema(pattern = "^[A-Za-z0-9_-]{43}$")]
    device_key: String,
    description: Description,
    #[schema(pattern = "^[A-Za-z0-9_-]{54}$")]
    nonce: String,
    #[schema(pattern = "^[A-Za-z0-9_-]{86}$")]
    signature: String,
}

/// What a device keeps of its pairing.
#[derive(ToSchema)]
pub(crate) struct Paired {
    device: Uuid,
    /// Which installation this is.
    instance: Uuid,
    trust: Trust,
    screen: Screen,
}

/// How the device verifies the server from now on.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
enum Trust {
    /// These certificates, PEM.
    Anchor(String),
    /// The public web's roots, for this host name.
    WebPki(String),
}

/// A place on a wall.
#[derive(ToSchema)]
struct Screen {
    id: Uuid,
    name: String,
    /// The id of the board that it shows.
    board: String,
}

/// For one assertion.
#[derive(ToSchema)]
pub(crate) struct Fresh {
    #[schema(pattern = "^[A-Za-z0-9_-]{54}$")]
    nonce: String,
}

/// A paired device asks for a token.
#[derive(ToSchema)]
pub(crate) struct TokenRequest {
    /// `client_credentials`
    grant_type: String,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`
    client_assertion_type: String,
    /// A JWT, signed with the device's key.
    client_assertion: String,
}

/// What a screen reads its board with.
#[derive(ToSchema)]
pub(crate) struct Token {
    access_token: String,
    /// `Bearer`
    token_type: String,
    /// Seconds.
    expires_in: u32,
    /// `board:read`
    scope: String,
    screen: Screen,
}

/// What stands behind the `#` of an access link for browsers.
#[derive(ToSchema)]
pub(crate) struct Presented {
    /// 256 bits, base64url.
    #[schema(pattern = "^[A-Za-z0-9_-]{43}$")]
    key: String,
}

/// Where a browser that was let in goes on.
#[derive(ToSchema)]
pub(crate) struct Admitted {
    /// A path.
    #[schema(pattern = "^/")]
    next: String,
}

/// Whether the server can do what it is there for.
#[derive(ToSchema)]
pub(crate) struct Readiness {
    ready: bool,
    /// What was looked at; for administrators, for the server's own machine, and for whom the metrics are open.
    checks: Option<Vec<Check>>,
}

/// One of the things that the server needs.
#[derive(ToSchema)]
struct Check {
    name: String,
    /// `ok` or `failed`.
    state: String,
    /// What is wrong, and what to do.
    reason: Option<String>,
}

/// A paired device hands in its next key.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Rotation {
    #[schema(minimum = 1, maximum = 255)]
    version: u8,
    device: Uuid,
    /// The screen that it fills.
    screen: Uuid,
    /// One more than that of the present key.
    #[schema(minimum = 0, maximum = 4294967295i64)]
    generation: u32,
    /// An Ed25519 public key, base64url.
    #[schema(pattern = "^[A-Za-z0-9_-]{43}$")]
    next_key: String,
    #[schema(pattern = "^[A-Za-z0-9_-]{54}$")]
    nonce: String,
    /// By the present key.
    #[schema(pattern = "^[A-Za-z0-9_-]{86}$")]
    by_present: String,
    /// By the next key.
    #[schema(pattern = "^[A-Za-z0-9_-]{86}$")]
    by_next: String,
}

/// The next key is stored.
#[derive(ToSchema)]
pub(in crate::api) struct Rotated {
    /// Of the next key.
    generation: u32,
}

/// What a device could install.
#[derive(ToSchema)]
pub(in crate::api) struct Candidates {
    /// Which images it takes.
    compatible: String,
    /// What runs: a semantic version.
    running: String,
    /// Its place among all devices, drawn once.
    #[schema(minimum = 0, maximum = 2047)]
    seed: u16,
    /// The newest first.
    #[schema(min_items = 1, max_items = 64)]
    versions: Vec<String>,
}

/// Whether and when one of the candidates is this screen's.
#[derive(ToSchema)]
pub(in crate::api) struct Turn {
    /// `held` or `granted`.
    turn: String,
    /// Why it is held, for people.
    #[schema(required = false, nullable = false)]
    why: Option<String>,
    /// Which is granted.
    #[schema(required = false, nullable = false)]
    version: Option<String>,
    /// From when on.
    #[schema(required = false, nullable = false, format = DateTime)]
    eligible_at: Option<String>,
    /// When the screen may restart; at any time where there is none.
    #[schema(required = false, nullable = false)]
    window: Option<Window>,
}

/// The maintenance window that is open, or opens next.
#[derive(ToSchema)]
struct Window {
    #[schema(format = DateTime)]
    opens_at: String,
    #[schema(format = DateTime)]
    closes_at: String,
}

/// How a device is.
#[derive(ToSchema)]
pub(in crate::api) struct Health {
    /// What was started: a semantic version.
    version: String,
    #[schema(required = false)]
    compatible: Option<String>,
    /// The slot that it was started from.
    #[schema(required = false)]
    slot: Option<String>,
    /// Seconds since the kernel's start.
    #[schema(minimum = 0)]
    uptime: u64,
    update: UpdateState,
    /// What went wrong with an update last, until one succeeds.
    #[schema(required = false)]
    failure: Option<UpdateFailure>,
}

/// How the updates of a device stand. What belongs to a state stands beside it.
#[derive(ToSchema)]
struct UpdateState {
    /// `unavailable`, `current`, `unchecked`, `held`, `waiting`, `installing`, `installed`, `on_trial`, or one of a later
    /// version.
    state: String,
}

/// An update that did not come about.
#[derive(ToSchema)]
struct UpdateFailure {
    version: String,
    /// In words.
    reason: String,
    #[schema(format = DateTime)]
    at: String,
}

/// What became of a command.
#[derive(ToSchema)]
pub(in crate::api) struct Acknowledgement {
    /// `done`, `refused` or `expired`.
    outcome: String,
    /// Why it is refused.
    #[schema(required = false, nullable = false)]
    why: Option<String>,
}
