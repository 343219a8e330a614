//! The order of versions, and which one is taken.

use std::cmp::Ordering;

use quell::fix::upgrade::choose::{Claim, choose};
use quell::fix::upgrade::ecosystem::Ecosystem;
use quell::fix::upgrade::version::Version;

use Ecosystem::{Cargo, Gem, Go, Maven, Npm, PyPi};

/// Versions from the lowest to the highest; those in one cell are equal.
const ORDERS: &[(Ecosystem, &[&[&str]])] = &[
    (
        Npm,
        &[
            &["0.9.9"],
            &["1.0.0-alpha"],
            &["1.0.0-alpha.1"],
            &["1.0.0-beta.2"],
            &["1.0.0-beta.11"],
            &["1.0.0-rc.1"],
            &["1.0.0", "v1.0.0", "1", "1.0", "1.0.0+build.5"],
            &["1.9.0"],
            &["1.10.0"],
        ],
    ),
    (Cargo, &[&["0.2.9"], &["0.2.23"], &["0.10.0"]]),
    (Go, &[&["v0.0.0-20220906165146-f3363e06e74c"], &["v0.17.0", "0.17.0"], &["v2.0.0+incompatible"], &["v2.0.1"]]),
    (
        PyPi,
        &[
            &["1.0.dev456"],
            &["1.0a1", "1.0.alpha1", "1.0-a.1"],
            &["1.0a2.dev456"],
            &["1.0a12.dev456"],
            &["1.0a12"],
            &["1.0b1.dev456"],
            &["1.0b2"],
            &["1.0b2.post345.dev456"],
            &["1.0b2.post345"],
            &["1.0rc1.dev456"],
            &["1.0rc1", "1.0c1"],
            &["1.0", "1.0.0", "v1", "1.0+abc.5"],
            &["1.0.post456.dev34"],
            &["1.0.post456", "1.0-456"],
            &["1.1.dev1"],
            &["1.10"],
            &["1!0.1"],
        ],
    ),
    (
        Maven,
        &[
            &["1-alpha-1", "1.0-alpha1", "1a1"],
            &["1-beta-1", "1b1"],
            &["1-m1"],
            &["1-rc1", "1-cr1"],
            &["1-SNAPSHOT"],
            &["1", "1.0", "1.0.0", "1-ga", "1-final", "1.0.Final", "1.RELEASE"],
            &["1-sp-1"],
            &["1-jre"],
            &["1-1"],
            &["1.1"],
            &["1.2"],
            &["1.10"],
            &["2.17.1"],
        ],
    ),
    (
        Gem,
        &[&["1.0.a"], &["1.0.b1"], &["1.0.0.rc1", "1.0.rc1"], &["1", "1.0"], &["1.0.1"], &["1.9"], &["1.10", "1.10.0"]],
    ),
];

#[test]
fn versions_stand_in_the_order_of_their_ecosystem() {
    for (ecosystem, order) in ORDERS {
        let read = |text: &&str| Version::parse(*ecosystem, text).unwrap_or_else(|| panic!("{ecosystem:?} {text}"));
        let cells: Vec<Vec<Version>> = order.iter().map(|cell| cell.iter().map(read).collect()).collect();
        for (low, one) in cells.iter().enumerate() {
            for (high, two) in cells.iter().enumerate() {
                for (one, two) in one.iter().flat_map(|one| two.iter().map(move |two| (one, two))) {
                    let wanted = low.cmp(&high);
                    assert_eq!(one.cmp(two), wanted, "{ecosystem:?}: {} and {}", one.text, two.text);
                    assert_eq!(one == two, wanted == Ordering::Equal);
                }
            }
        }
    }
}

#[test]
fn what_is_no_version_has_no_place() {
    for text in [
        "",
        "latest",
        "1.2\n3",
        "1.2 3",
        "1.2;rm",
        "$(x)",
        "--flag",
        "1.2\u{1b}[31m",
        "../1",
        "1.2\"",
        "1/2",
        "1.0\u{202e}",
    ] {
        for ecosystem in Ecosystem::ALL {
            assert!(Version::parse(*ecosystem, text).is_none(), "{ecosystem:?} {text:?}");
        }
    }
    for (ecosystem, text) in [(Npm, "1.x"), (Cargo, "1.2.3.4"), (PyPi, "1.0zeta"), (Go, "v1.99999999999999999999.0")] {
        assert!(Version::parse(ecosystem, text).is_none(), "{ecosystem:?} {text}");
    }
}

/// Installed versions with what is named as fixed; the version that is taken and what it clears, or a part of the reason.
type Case = (
    Ecosystem,
    &'static [(&'static str, &'static [&'static str])],
    Result<(&'static str, &'static [bool]), &'static str>,
);

const CASES: &[Case] = &[
    // The lowest that clears all.
    (
        Npm,
        &[("4.17.0", &["4.17.12"]), ("4.17.0", &["4.17.21"]), ("4.17.0", &["4.17.5"])],
        Ok(("4.17.21", &[true, true, true])),
    ),
    // Several lines of releases: the own one is enough.
    (Npm, &[("6.7.0", &["6.10.3", "6.2.4", "6.7.3", "6.9.7"])], Ok(("6.7.3", &[true]))),
    (
        PyPi,
        &[("3.2.1", &["2.2.28", "3.2.13", "4.0.4"]), ("3.2.1", &["3.2.15", "4.0.7", "4.1.1"])],
        Ok(("3.2.15", &[true, true])),
    ),
    // 3.2.15 is good for the one; only 4.2.1 for both.
    (PyPi, &[("3.2.1", &["3.2.15", "4.1.1"]), ("3.2.1", &["4.2.1"])], Ok(("4.2.1", &[true, true]))),
    // 3.0.0 is on the line that 3.0.1 mends.
    (Npm, &[("2.0.0", &["2.15.3", "3.0.1"]), ("2.0.0", &["3.0.0"])], Ok(("3.0.1", &[true, true]))),
    // What clears the most leaves the rest.
    (Npm, &[("1.0.0", &["1.0.5"]), ("1.0.0", &[])], Ok(("1.0.5", &[true, false]))),
    // Never below the installed one, of several the highest counts.
    (Npm, &[("3.0.1", &["2.6.9", "3.1.0"]), ("2.6.0", &["2.6.9", "3.1.0"])], Ok(("3.1.0", &[true, true]))),
    (Npm, &[("3.0.1", &["2.6.9"])], Err("below the installed one")),
    // No early version while there is another.
    (Npm, &[("1.0.0", &["2.0.0-beta.1", "2.0.0"])], Ok(("2.0.0", &[true]))),
    (Npm, &[("1.0.0", &["2.0.0-beta.1"])], Ok(("2.0.0-beta.1", &[true]))),
    (
        Go,
        &[("v0.0.0-20200101000000-aaaaaaaaaaaa", &["0.0.0-20220906165146-f3363e06e74c"])],
        Ok(("0.0.0-20220906165146-f3363e06e74c", &[true])),
    ),
    // Another build of it is none.
    (Maven, &[("31.0-jre", &["32.0.0-android", "32.0.1-jre"])], Ok(("32.0.1-jre", &[true]))),
    (Maven, &[("31.0-jre", &["32.0.0-android"])], Err("another build")),
    (Gem, &[("6.1.4", &["5.2.8", "6.1.7.2", "7.0.4.1"])], Ok(("6.1.7.2", &[true]))),
    (Npm, &[("1.0.0", &[])], Err("no scanner names a version")),
    (Npm, &[("1.0.0", &["1.2\n; rm -rf /"])], Err("a text that is no version")),
    (Npm, &[("1.0.0", &["1.2.3.4"])], Err("without an order in npm")),
    (Npm, &[("one", &["1.2.3"])], Err("installed version")),
];

#[test]
fn the_lowest_version_that_clears_the_most_is_taken() {
    for (ecosystem, claims, wanted) in CASES {
        let claim = |(installed, fixed): &(&str, &[&str])| Claim {
            installed: Some((*installed).to_owned()),
            fixed: fixed.iter().map(|text| (*text).to_owned()).collect(),
        };
        let claims: Vec<Claim> = claims.iter().map(claim).collect();
        match (choose(*ecosystem, &claims), wanted) {
            (Ok(chosen), Ok((version, clears))) => {
                assert_eq!((chosen.version.text.as_str(), chosen.clears.as_slice()), (*version, *clears), "{claims:?}");
            }
            (Err(why), Err(part)) => assert!(why.contains(part), "{claims:?}: {why}"),
            (found, _) => panic!("{claims:?}: {found:?}"),
        }
    }
}

#[test]
fn an_upgrade_that_may_break_says_so() {
    let breaks = |ecosystem, old: &str, new: &str| {
        let read = |text| Version::parse(ecosystem, text).unwrap();
        read(new).may_break(&read(old))
    };
    for (ecosystem, old, new, wanted) in [
        (Npm, "1.2.3", "1.9.0", false),
        (Npm, "1.2.3", "2.0.0", true),
        (Npm, "0.2.3", "0.2.9", false),
        (Cargo, "0.2.3", "0.3.0", true),
        (Cargo, "0.0.3", "0.0.4", true),
        (PyPi, "3.2.1", "3.9", false),
        (PyPi, "3.2.1", "4.0", true),
        (Maven, "2.0.0", "2.17.1", false),
        (Gem, "6.1.4", "7.0.0", true),
    ] {
        assert_eq!(breaks(ecosystem, old, new), wanted, "{ecosystem:?} {old} {new}");
    }
}
