//! Names, addresses and what else tells who somebody is.

use crate::hard::kinds::forms::{digits, grouped};
use crate::hard::kinds::{Class, Kind, Make, Value};
use crate::hard::pattern::write;
use crate::hard::random::Random;

const FIRST: &str = "{Jane|Hans|Aisha|Priya|Giulia|Chloé|Müjde|Łukasz|Jörg|Søren|Anne-Marie|Siobhán|Björn|Wolfgang|Beatriz|Ngozi|Hiroshi|Katarzyna|Oluwaseun}";
const LAST: &str = "{Doe|Schmidt|O'Brien|Müller|Großmann|García-López|van der Berg|Kowalczyk|Nakamura|Okonkwo|Fernandes|Lindqvist|d'Angelo|Featherstone|Šimůnek|Papadopoulos}";

const fn named(name: &'static str, names: &'static [&'static str], form: &'static str) -> Kind {
    Kind {
        name,
        class: Class::Personal,
        shaped: false,
        names,
        make: Make::Pattern(form),
    }
}

const fn made(
    name: &'static str,
    shaped: bool,
    names: &'static [&'static str],
    make: fn(&mut Random) -> Value,
) -> Kind {
    let make = Make::By(make);
    Kind {
        shaped,
        make,
        ..named(name, names, "")
    }
}

pub const PEOPLE: &[Kind] = &[
    made(
        "e-mail address",
        true,
        &[
            "email",
            "emailAddress",
            "email_address",
            "user_email",
            "recipient",
            "customer.email",
            "to",
            "replyTo",
            "subscriberKey",
            "contact_email",
            "mail",
            "EMAIL_ADDRESS_",
            "login",
        ],
        email,
    ),
    made(
        "phone number",
        false,
        &[
            "phone",
            "phoneNumber",
            "phone_number",
            "mobile",
            "MOBILE_NUMBER_",
            "msisdn",
            "telephone",
            "customer.phone",
            "billing_phone",
            "cell_phone",
            "contactPhone",
        ],
        phone,
    ),
    made(
        "phone number, national",
        false,
        &[
            "phone",
            "phoneNumber",
            "mobile_number",
            "telephone",
            "work_phone",
        ],
        national_phone,
    ),
    made(
        "birth date",
        false,
        &[
            "birthDate",
            "birth_date",
            "dob",
            "dateOfBirth",
            "birthday",
            "date_of_birth",
        ],
        birth_date,
    ),
    made(
        "first name",
        false,
        &[
            "first_name",
            "firstName",
            "FirstName",
            "givenName",
            "given_name",
            "fname",
        ],
        |random| write(FIRST, random).into(),
    ),
    made(
        "last name",
        false,
        &[
            "last_name",
            "lastName",
            "LastName",
            "familyName",
            "surname",
            "lname",
        ],
        |random| write(LAST, random).into(),
    ),
    made(
        "full name",
        false,
        &[
            "full_name",
            "fullName",
            "customerName",
            "customer_name",
            "cardholderName",
            "recipientName",
            "account_holder_name",
            "patientName",
            "passenger_name",
        ],
        |random| write(&format!("{FIRST} {LAST}"), random).into(),
    ),
    made(
        "street",
        false,
        &[
            "street",
            "addressLine1",
            "street_address",
            "address_line_1",
            "billing_street",
            "address1",
            "shippingStreet",
        ],
        |random| {
            let forms = [
                "Lindenweg {d2}",
                "Hauptstraße {d2}a",
                "{d3} Birchwood Avenue",
                "rue de la République {d1}",
            ];
            let form = *random.pick(&forms);
            write(form, random).into()
        },
    ),
    named(
        "postal code",
        &[
            "postcode",
            "postalCode",
            "postal_code",
            "zip",
            "zipCode",
            "zip_code",
            "billing_zip",
        ],
        "{d5}",
    ),
    made(
        "client address, IPv4",
        false,
        &[
            "client_ip",
            "clientIp",
            "remote_ip",
            "ipAddress",
            "user_ip",
            "X-Forwarded-For",
            "last_login_ip",
        ],
        |random| {
            format!(
                "{}{}",
                write("{81.169.145.|93.184.216.|2.16.77.|203.0.113.}", random),
                random.between(1, 253)
            )
            .into()
        },
    ),
    named(
        "client address, IPv6",
        &[
            "client_ip",
            "clientIp",
            "remote_ip",
            "ipAddress",
            "user_ip",
            "X-Forwarded-For",
        ],
        "2a02:8108:{h4}:{h4}:{h4}:{h4}:{h4}:{h4}",
    ),
    named(
        "user name",
        &[
            "username",
            "user_name",
            "userName",
            "loginName",
            "remote_user",
            "preferred_username",
        ],
        "{jdoe|hschmidt|pkowal|gfern|nokonk}{d4}",
    ),
];

const DOMAINS: &[&str] = &[
    "example.de",
    "acme-mail.com",
    "gmail.com",
    "mail.example.co.uk",
    "kunde.info",
    "outlook.com",
    "yahoo.co.jp",
    "orange.fr",
];

fn email(random: &mut Random) -> Value {
    let [first, last] = [
        "{jane|hans|aisha|priya|giulia|chloe|lukasz|siobhan|bjoern}",
        "{doe|schmidt|mueller|kowalczyk|nakamura|okonkwo|lindqvist}",
    ]
    .map(|form| write(form, random));
    let (number, domain) = (random.between(1, 99_999), *random.pick(DOMAINS));
    let local = match random.below(6) {
        0 => format!("{first}{number}+news.letter"),
        1 => format!("{first}.o'{last}{number}"),
        2 => format!("_{first}_{last}{number}"),
        3 => format!("{}.{}{number}", first.to_uppercase(), last.to_uppercase()),
        _ => format!("{first}.{last}{number}"),
    };
    let text = format!("{local}@{domain}");
    Value {
        canonical: text.to_lowercase(),
        cores: vec![local],
        text,
    }
}

/// E.164, as it is or in groups.
fn phone(random: &mut Random) -> Value {
    let number = write("{4915|4917|4477|1415|3361|3934|9198|5511}{d8}", random);
    let text = match random.below(6) {
        0 => format!("+{}", grouped(&number, &[2, 3, 4], " ")),
        1 => format!("+{}", grouped(&number, &[2, 3, 4], "-")),
        2 => format!("+{} ({}) {}", &number[..2], &number[2..5], &number[5..]),
        3 => number.clone(),
        _ => format!("+{number}"),
    };
    Value {
        cores: vec![number.clone()],
        canonical: number,
        text,
    }
}

fn national_phone(random: &mut Random) -> Value {
    let text = write("{0170 |030/|(0211) |07700 }{d6}", random);
    let canonical = digits(&text);
    Value {
        cores: vec![canonical.clone()],
        canonical,
        text,
    }
}

fn birth_date(random: &mut Random) -> Value {
    let (y, m, d) = (
        random.between(1940, 2008),
        random.between(1, 12),
        random.between(1, 28),
    );
    let text = match random.below(4) {
        0 => format!("{d:02}.{m:02}.{y}"),
        1 => format!("{m:02}/{d:02}/{y}"),
        2 => format!("{y}{m:02}{d:02}"),
        _ => format!("{y}-{m:02}-{d:02}"),
    };
    text.into()
}
