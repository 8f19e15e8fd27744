//! Numbers of states and banks, with check digits where they have them.

use crate::hard::kinds::checks::{
    weighted, with_iban, with_luhn, with_mod_11_10, with_spanish_letter, with_verhoeff,
};
use crate::hard::kinds::forms::{alphanumeric, grouped};
use crate::hard::kinds::{Class, Kind, Make, Value};
use crate::hard::pattern::write;
use crate::hard::random::Random;

const fn named(
    name: &'static str,
    names: &'static [&'static str],
    make: fn(&mut Random) -> Value,
) -> Kind {
    Kind {
        name,
        class: Class::Personal,
        shaped: false,
        names,
        make: Make::By(make),
    }
}

pub const NATIONAL: &[Kind] = &[
    Kind {
        shaped: true,
        ..named(
            "card number",
            &[
                "cardNumber",
                "card_number",
                "card.number",
                "pan",
                "cc_number",
                "creditCardNumber",
                "primaryAccountNumber",
                "payment_card_number",
            ],
            card,
        )
    },
    named(
        "card code",
        &[
            "cvv",
            "cvc",
            "securityCode",
            "cvv2",
            "card_cvv",
            "cardSecurityCode",
        ],
        |random| write("{d3}", random).into(),
    ),
    Kind {
        shaped: true,
        ..named(
            "IBAN",
            &[
                "iban",
                "IBAN",
                "account_iban",
                "debtorIban",
                "ibanNumber",
                "bankAccount.iban",
            ],
            iban,
        )
    },
    named(
        "US social security number",
        &[
            "ssn",
            "SSN",
            "socialSecurityNumber",
            "social_security_number",
            "applicant_ssn",
        ],
        social_security,
    ),
    named(
        "UK national insurance number",
        &[
            "nino",
            "nationalInsuranceNumber",
            "national_insurance_number",
        ],
        |random| {
            spelled(
                write("{AB|CE|JG|PW}{d6}{A|B|C|D}", random),
                &[2, 2, 2, 2],
                random,
            )
        },
    ),
    named(
        "German tax id",
        &[
            "steuerId",
            "steuer_id",
            "steuerIdentifikationsnummer",
            "tax_id",
            "taxId",
        ],
        german_tax,
    ),
    named(
        "French social security number",
        &["nir", "numeroSecuriteSociale", "numero_securite_sociale"],
        french,
    ),
    named(
        "Spanish id",
        &["dni", "nif", "nie", "national_id", "nationalId"],
        spanish,
    ),
    named(
        "Aadhaar number",
        &["aadhaar", "aadhaarNumber", "aadhaar_number"],
        |random| {
            let number = with_verhoeff(&write("{2|4|7|9}{d10}", random));
            spelled(number, &[4, 4], random)
        },
    ),
    named("Brazilian CPF", &["cpf", "cpf_number", "customer.cpf"], cpf),
    named(
        "passport number",
        &[
            "passport",
            "passportNumber",
            "passport_number",
            "passportNo",
        ],
        |random| write("{C|K|X}{d8}", random).into(),
    ),
    named(
        "driving licence number",
        &[
            "driverLicense",
            "drivers_license_number",
            "drivingLicenceNumber",
        ],
        |random| write("{A|B|D|F}{d7}", random).into(),
    ),
    named(
        "US bank account",
        &["bank_account_number", "accountNumber", "bankAccountNumber"],
        |random| write("{d10}", random).into(),
    ),
];

/// As it is, or in groups.
fn spelled(plain: String, sizes: &[usize], random: &mut Random) -> Value {
    let text = match random.chance(50) {
        true => plain.clone(),
        false => grouped(&plain, sizes, " "),
    };
    Value {
        canonical: alphanumeric(&plain),
        cores: vec![text.clone()],
        text,
    }
}

fn card(random: &mut Random) -> Value {
    let (prefix, length, sizes): (&str, usize, &[usize]) = *random.pick(&[
        ("4", 16, &[4, 4, 4][..]),
        ("51", 16, &[4, 4, 4]),
        ("2221", 16, &[4, 4, 4]),
        ("6011", 16, &[4, 4, 4]),
        ("3528", 16, &[4, 4, 4]),
        ("34", 15, &[4, 6]),
        ("37", 15, &[4, 6]),
        ("36", 14, &[4, 6]),
    ]);
    let body = random.digits(length - 1 - prefix.len());
    let plain = with_luhn(&format!("{prefix}{body}"));
    let text = match random.below(4) {
        0 => grouped(&plain, sizes, " "),
        1 => grouped(&plain, sizes, "-"),
        _ => plain.clone(),
    };
    Value {
        canonical: plain,
        cores: vec![text.clone()],
        text,
    }
}

fn iban(random: &mut Random) -> Value {
    let (country, form) = *random.pick(&[
        ("DE", "{d18}"),
        ("FR", "{d23}"),
        ("GB", "NWBK{d14}"),
        ("NL", "ABNA{d10}"),
        ("ES", "{d20}"),
        ("IT", "X{d22}"),
        ("CH", "{d17}"),
        ("PL", "{d24}"),
    ]);
    let plain = with_iban(country, &write(form, random));
    let mut value = spelled(plain, &[4; 8], random);
    // The country is no secret.
    value.cores = vec![value.text[2..].to_owned()];
    value
}

fn social_security(random: &mut Random) -> Value {
    let area = random.between(101, 649);
    let plain = format!(
        "{area}{}{}",
        random.between(11, 98),
        random.between(1001, 9998)
    );
    let text = grouped(&plain, &[3, 2], "-");
    Value {
        canonical: plain,
        cores: vec![text.clone()],
        text,
    }
}

/// One digit twice, the others at most once.
fn german_tax(random: &mut Random) -> Value {
    let mut digits: Vec<char> = ('0'..='9').collect();
    for at in 0..9 {
        let other = random.between(at, 9);
        digits.swap(at, other);
    }
    digits[9] = digits[random.below(9)];
    if digits[0] == '0' {
        digits.swap(0, 1);
    }
    let digits: String = digits.into_iter().collect();
    spelled(with_mod_11_10(&digits), &[2, 3, 3], random)
}

fn french(random: &mut Random) -> Value {
    let (month, place) = (random.between(1, 12), random.between(10, 94));
    let body = format!(
        "{}{month:02}{place}{}",
        write("{1|2}{7|8|9}{d1}", random),
        random.digits(6)
    );
    let number: u64 = body.parse().expect("digits");
    spelled(
        format!("{body}{:02}", 97 - number % 97),
        &[1, 2, 2, 2, 3, 3],
        random,
    )
}

fn spanish(random: &mut Random) -> Value {
    let dni = random.chance(70);
    let text = match dni {
        true => with_spanish_letter("", &write("{4|5|7}{d7}", random)),
        false => with_spanish_letter(&write("{X|Y|Z}", random), &random.digits(7)),
    };
    text.into()
}

fn cpf(random: &mut Random) -> Value {
    let mut digits = random.digits(9);
    for first in [10, 11] {
        let sum = weighted(&digits, (2..=first).rev());
        digits.push_str(&(sum * 10 % 11 % 10).to_string());
    }
    let text = match random.chance(50) {
        true => digits.clone(),
        false => format!("{}-{}", grouped(&digits[..9], &[3, 3], "."), &digits[9..]),
    };
    Value {
        canonical: digits,
        cores: vec![text.clone()],
        text,
    }
}
