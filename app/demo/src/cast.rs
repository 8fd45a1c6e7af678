//! The cast: teams, desk agents, clients and what they ask for. All of them are invented.

use desk::Priority::{self, High, Low, Normal, Urgent};

/// A team of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Team {
    FirstLine,
    SecondLine,
    Field,
    Security,
}

impl Team {
    pub(super) const ALL: [Self; 4] = [Self::FirstLine, Self::SecondLine, Self::Field, Self::Security];

    pub(super) fn id(self) -> &'static str {
        match self {
            Self::FirstLine => "first-line",
            Self::SecondLine => "second-line",
            Self::Field => "field",
            Self::Security => "security",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FirstLine => "1st Line",
            Self::SecondLine => "2nd Line",
            Self::Field => "Field",
            Self::Security => "Security",
        }
    }

    /// Whether a member of this team can work on a ticket of that one. Everybody helps the 1st Line, and the 2nd Line
    /// stands in for the two small teams.
    pub(super) fn covers(self, other: Self) -> bool {
        self == other || other == Self::FirstLine || self == Self::SecondLine
    }
}

/// Desk agents: first name, initial, team.
pub(super) const AGENTS: [(&str, Team); 14] = [
    ("Amara O.", Team::FirstLine),
    ("Ben K.", Team::FirstLine),
    ("Chiara R.", Team::FirstLine),
    ("Dmitri V.", Team::FirstLine),
    ("Elif T.", Team::FirstLine),
    ("Farah N.", Team::FirstLine),
    ("Gareth P.", Team::FirstLine),
    ("Hana S.", Team::SecondLine),
    ("Imran A.", Team::SecondLine),
    ("Joana M.", Team::SecondLine),
    ("Kwame B.", Team::SecondLine),
    ("Lena F.", Team::Field),
    ("Mateo G.", Team::Field),
    ("Niamh D.", Team::Security),
];

/// A client and its sites.
pub(super) struct Company {
    pub(super) name: &'static str,
    pub(super) sites: &'static [&'static str],
}

const fn company(name: &'static str, sites: &'static [&'static str]) -> Company {
    Company { name, sites }
}

/// Clients, the largest first: the share of the nth is in proportion to 1 / n^0.9 (Zipf). Their names have room in a list
/// of half a screen.
pub(super) const COMPANIES: [Company; 24] = [
    company("Northgate Legal", &["Northgate House", "Temple Row", "Quayside"]),
    company("Harbour Dental", &["Harbour Street", "Station Road", "Marina"]),
    company("Brook Schools", &["Upper School", "Lower School"]),
    company("Elm St Bakery", &["Elm Street", "Mill Lane", "Market Hall"]),
    company("Fernhill Care", &["Fernhill", "The Willows", "Oak Lodge"]),
    company("Castle Estates", &["Head Office", "Lettings"]),
    company("Redwood Cargo", &["Depot North", "Depot South"]),
    company("Pennine Vets", &["Main Clinic", "Branch Clinic"]),
    company("Saltmarsh Ales", &["Brewhouse", "Taproom"]),
    company("Kestrel Tools", &["Works", "Drawing Office"]),
    company("Orchard Clinic", &["High Street", "Health Centre"]),
    company("Bluebell Seeds", &["Nursery", "Garden Centre"]),
    company("Tidewell Audit", &["Bridge Street"]),
    company("Meridian Inns", &["Grand", "Riverside"]),
    company("Larkfield Plan", &["Studio"]),
    company("Stone Motors", &["Showroom", "Workshop"]),
    company("Copper Books", &["Old Town", "Arcade"]),
    company("Ashdown Survey", &["Office"]),
    company("Wren Interiors", &["Workshop"]),
    company("Sunny Optics", &["Sunnybank", "Parade"]),
    company("Mill Theatre", &["Box Office", "Stage Door"]),
    company("Grey Insurance", &["Office"]),
    company("Light Charity", &["Centre"]),
    company("Peveril Gear", &["Warehouse"]),
];

/// What tickets are about, with its share of all tickets.
pub(super) struct Topic {
    pub(super) tag: &'static str,
    pub(super) share: f64,
    pub(super) templates: [Template; 6],
}

/// A subject line as requesters write them. `{site}` stands for one of the client's sites.
pub(super) struct Template {
    pub(super) subject: &'static str,
    pub(super) tag: &'static str,
    pub(super) likely: Priority,
    pub(super) team: Team,
}

const fn template(subject: &'static str, tag: &'static str, likely: Priority, team: Team) -> Template {
    Template { subject, tag, likely, team }
}

/// The topic of a major outage.
pub(super) const NETWORK: usize = 4;

pub(super) const TOPICS: [Topic; 10] = [
    Topic {
        tag: "password",
        share: 0.15,
        templates: [
            template("Locked out after the holiday", "account-locked", Normal, Team::FirstLine),
            template("Password expired, cannot sign in", "password-reset", Normal, Team::FirstLine),
            template("New phone, authenticator codes are gone", "two-factor", High, Team::FirstLine),
            template("Reset link never arrives", "password-reset", Normal, Team::FirstLine),
            template("Shared kiosk at {site} asks for a password", "kiosk", Low, Team::FirstLine),
            template("Sign-in alert from a country we never visit", "sign-in-alert", Urgent, Team::Security),
        ],
    },
    Topic {
        tag: "mail",
        share: 0.16,
        templates: [
            template("Mailbox is full", "quota", Normal, Team::FirstLine),
            template("Mail to one customer bounces", "delivery", Normal, Team::FirstLine),
            template("Shared mailbox missing since this morning", "shared-mailbox", Normal, Team::FirstLine),
            template("Out-of-office for a colleague who is ill", "out-of-office", Low, Team::FirstLine),
            template("Suspicious invoice, is this real?", "phishing", High, Team::Security),
            template("Calendar invitations arrive an hour late", "calendar", Low, Team::FirstLine),
        ],
    },
    Topic {
        tag: "vpn",
        share: 0.08,
        templates: [
            template("VPN drops every few minutes", "vpn-drops", Normal, Team::SecondLine),
            template("Cannot connect from the hotel", "vpn-connect", Normal, Team::FirstLine),
            template("VPN certificate has expired", "certificate", High, Team::SecondLine),
            template("VPN connects, but no file shares", "routing", Normal, Team::SecondLine),
            template("Home worker needs VPN from Monday", "vpn-setup", Low, Team::FirstLine),
            template("Nobody can connect to the VPN", "vpn-outage", Urgent, Team::SecondLine),
        ],
    },
    Topic {
        tag: "printer",
        share: 0.10,
        templates: [
            template("Printer at {site} prints blank pages", "print-quality", Normal, Team::Field),
            template("Paper jam that will not clear", "paper-jam", Normal, Team::FirstLine),
            template("Scan to e-mail stopped working", "scan", Normal, Team::FirstLine),
            template("Toner low at {site}", "toner", Low, Team::FirstLine),
            template("Label printer does not cut", "label-printer", Normal, Team::FirstLine),
            template("Add the new printer to eight laptops", "printer-setup", Low, Team::FirstLine),
        ],
    },
    Topic {
        tag: "network",
        share: 0.10,
        templates: [
            template("Wi-Fi is slow at {site}", "wifi", Normal, Team::SecondLine),
            template("No internet at {site}", "site-down", Urgent, Team::SecondLine),
            template("Desk port is dead", "port", Normal, Team::FirstLine),
            template("Guest Wi-Fi for a visitor day", "guest-wifi", Low, Team::FirstLine),
            template("Calls break up in the afternoon", "quality", High, Team::SecondLine),
            template("Video meetings freeze at {site}", "quality", Normal, Team::FirstLine),
        ],
    },
    Topic {
        tag: "hardware",
        share: 0.11,
        templates: [
            template("Laptop does not wake from sleep", "laptop", Normal, Team::FirstLine),
            template("Cracked screen", "repair", Normal, Team::Field),
            template("Docking station loses the second monitor", "dock", Normal, Team::FirstLine),
            template("Laptop battery lasts twenty minutes", "battery", Low, Team::FirstLine),
            template("Reception PC will not start", "desktop", High, Team::Field),
            template("Headset request for the sales team", "peripherals", Low, Team::FirstLine),
        ],
    },
    Topic {
        tag: "software",
        share: 0.13,
        templates: [
            template("Accounts package crashes on month end", "crash", High, Team::SecondLine),
            template("Spreadsheet add-in is missing", "add-in", Normal, Team::FirstLine),
            template("Update keeps asking to restart", "updates", Low, Team::FirstLine),
            template("PDF files open in the browser", "defaults", Low, Team::FirstLine),
            template("Licence expired message in the drawing tool", "licence", Normal, Team::FirstLine),
            template("Case system shows yesterday's data", "line-of-business", Normal, Team::SecondLine),
        ],
    },
    Topic {
        tag: "access",
        share: 0.09,
        templates: [
            template("Access to the finance folder", "permissions", Normal, Team::FirstLine),
            template("Remove access for a leaver today", "leaver", High, Team::Security),
            template("Cannot open shared drive at {site}", "file-share", Normal, Team::FirstLine),
            template("Contractor needs access for two weeks", "guest-account", Low, Team::FirstLine),
            template("Door badge does not open the server room", "badge", Low, Team::Security),
            template("Permission denied after the team move", "permissions", Normal, Team::FirstLine),
        ],
    },
    Topic {
        tag: "point-of-sale",
        share: 0.05,
        templates: [
            template("Card terminal at {site} is offline", "card-terminal", Urgent, Team::Field),
            template("Till drawer does not open", "till", High, Team::FirstLine),
            template("Receipt printer prints garbage", "receipt-printer", Normal, Team::FirstLine),
            template("Price list did not update overnight", "price-list", Normal, Team::FirstLine),
            template("Barcode scanner misses every third item", "scanner", Normal, Team::FirstLine),
            template("Second till for the weekend market", "till-setup", Low, Team::Field),
        ],
    },
    Topic {
        tag: "new-starter",
        share: 0.03,
        templates: [
            template("New starter on Monday: laptop and accounts", "onboarding", Normal, Team::FirstLine),
            template("Three seasonal starters at {site}", "onboarding", Normal, Team::FirstLine),
            template("New starter has no mailbox yet", "onboarding", High, Team::FirstLine),
            template("Phone number for a new starter", "telephone", Low, Team::FirstLine),
            template("Starter moves to another team", "mover", Low, Team::FirstLine),
            template("Welcome pack for an apprentice", "onboarding", Low, Team::FirstLine),
        ],
    },
];

/// What pleased requesters write.
pub(super) const PRAISE: [&str; 40] = [
    "Quick and friendly, thank you.",
    "Fixed in one call.",
    "Very patient with me.",
    "Faster than I expected.",
    "Explained it so that I understood.",
    "Perfect, as always.",
    "Sorted before my coffee was cold.",
    "Thank you for staying late.",
    "Great help.",
    "Kept me informed the whole time.",
    "All working again.",
    "Could not be better.",
    "Polite and to the point.",
    "Nice to talk to a person.",
    "Solved what others could not.",
    "Thanks for calling back.",
    "Everything was ready on time.",
    "Very clear instructions.",
    "Our new starter was delighted.",
    "Saved my afternoon.",
    "Good advice for next time, too.",
    "Really quick reply.",
    "Excellent service.",
    "You made that look easy.",
    "No fuss at all.",
    "Works better than before.",
    "Thanks for the extra check.",
    "The screenshots helped a lot.",
    "Very professional.",
    "Good to know you are there.",
    "Came out the same day.",
    "Happy with the result.",
    "Remote session was painless.",
    "Understood the problem at once.",
    "Thanks for explaining why.",
    "Lovely manner.",
    "Well done.",
    "Exactly what I needed.",
    "First answer was the right one.",
    "Will recommend you to the others.",
];

/// What others write.
pub(super) const COMPLAINTS: [&str; 20] = [
    "Took too long.",
    "Had to explain it three times.",
    "It came back the next day.",
    "Nobody told me what was happening.",
    "Closed before it was fixed.",
    "Still slow.",
    "I was passed around.",
    "No answer for hours.",
    "The workaround is not a solution.",
    "I had to chase this.",
    "Not what I asked for.",
    "We lost half a day.",
    "Too technical for me.",
    "The same fault as last month.",
    "Expected a call, got a form letter.",
    "Only half of it works.",
    "Fixed, but very late.",
    "Wrong printer was set up.",
    "Please read the whole message next time.",
    "I gave up and did it myself.",
];
