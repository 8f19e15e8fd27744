//! The names whose values are masked, and those that only look like it. Data; `keywords` says how they are used.
//!
//! A name is written here as its words joined in lower case: `apikey` stands for `api_key`, `apiKey` and `X-API-Key`. Names of one
//! policy stand in one text with blanks between.

use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;

/// Decide as the last words of a name: `token` also decides for `refresh_token`, unless more words match first.
pub(crate) const ENDINGS: &[(Policy, &str)] = &[
    (
        Policy::Mask(Kind::Token),
        "token jwt bearer assertion samlresponse samlrequest samlart fueloauth authtok accesstok \
         authticket serviceticket tgt magiclink fbsignedrequest signedrequest accesstokens refreshtokens \
         authheader codeverifier devicecode",
    ),
    (
        Policy::Mask(Kind::Key),
        "apikey apikeys secretkey privatekey accesskey secretaccesskey masterkey authkey signingkey \
         encryptionkey subscriptionkey functionskey functionkey applicationkey appkey accountkey \
         sharedkey sharedaccesskey licensekey licencekey hmackey writekey servicekey serverkey storagekey \
         sessionkey userkey integrationkey developerkey consumerkey devkey restkey clientkey webhookkey \
         decryptionkey sshkey tlskey jwtkey xikey",
    ),
    (
        Policy::Mask(Kind::Password),
        "password passwords passwd passphrase pwd pass passwordhint passwort motdepasse contrasena senha \
         passcode userpw pw",
    ),
    (
        Policy::Mask(Kind::Secret),
        "secret secrets clientsecret connectionstring connstr credential credentials cred creds \
         securityanswer secretanswer recoverycode backupcode seedphrase mnemonic",
    ),
    (
        Policy::Mask(Kind::Session),
        "sessionid sessid sessionhandle sessiontoken jsessionid phpsessid sessionguid sessionuuid \
         sessionhash",
    ),
    (
        Policy::Mask(Kind::Signature),
        "signature sig hmac hmacsha256 hmacsha1 webhooksignature xtwiliosignature signaturev2 signaturev3",
    ),
    (Policy::Mask(Kind::Pem), "privatekeypem pemkey"),
    (
        Policy::Mask(Kind::Email),
        "email emailaddress mailaddress emailaddr useremail emails emailaddresses recipientemail \
         principalemail",
    ),
    (
        Policy::Mask(Kind::Phone),
        "phone phonenumber phonenumbers mobile mobilenumber mobilephone msisdn telephone telephonenumber \
         cellphone cellnumber faxnumber whatsappnumber homephone workphone",
    ),
    (
        Policy::Mask(Kind::Card),
        "cardnumber cardno ccnumber ccnum creditcardnumber creditcard cardnum accountpan \
         primaryaccountnumber track1 track2 track2data",
    ),
    (
        Policy::Mask(Kind::User),
        "username loginname userprincipalname upn remoteuser csusername authuser samaccountname",
    ),
    (
        Policy::Mask(Kind::Person),
        "firstname lastname surname givenname familyname fullname middlename maidenname forename fname \
         lname birthname cardholder cardholdername accountholder personname",
    ),
    (
        Policy::Mask(Kind::Address),
        "street streetaddress streetname addressline shippingaddress billingaddress homeaddress \
         postaladdress mailingaddress deliveryaddress housenumber streetline",
    ),
    (
        Policy::Mask(Kind::Identity),
        "ssn socialsecuritynumber socialsecurity nationalid nationalidnumber passportnumber passportno \
         driverslicense driverlicense licensenumber iban bic bankaccount bankaccountnumber accountnumber \
         taxid taxnumber taxpayerid vatnumber sortcode nhsnumber aadhaar cpf cnpj pesel insurancenumber \
         healthid medicalrecordnumber",
    ),
    (
        Policy::Hide,
        "cvv cvc cvv2 cvc2 csc cardcode securitycode cardsecuritycode cardverificationvalue otp otpcode \
         onetimecode onetimepassword totp totpcode mfacode twofactorcode 2facode verificationcode smscode \
         confirmationpin pincode usercode dob dateofbirth birthdate birthday birthyear postcode postalcode zipcode",
    ),
    (Policy::Credentials, "authorization"),
    (Policy::Cookies, "cookie cookies"),
    (Policy::SetCookie, "setcookie setcookie2"),
    (
        Policy::ClientAddress,
        "clientip remoteip userip realip visitorip connectingip callerip requestip originatingip sourceip \
         cip clientaddr clientaddress remoteaddr remoteaddress sourceaddress clienthost forwardedfor \
         forwarded xff trueclientip externaladdress clientipaddress ipaddress sourceipaddress \
         connectionip httpclientip lastip signupip loginip customerip payerip",
    ),
    // What support reads: never masked for its name, and digits in it are no card.
    (
        Policy::Never,
        "id ids uuid guid requestid traceid spanid messageid eventid correlationid debugid deliveryid \
         fbtraceid rayid etag retryafter limit remaining reset errorcode idempotencykey idempotencytoken \
         messagekey definitionkey keyid tracetoken clientrequesttoken nexttoken nextpagetoken pagetoken \
         prevpagetoken previouspagetoken synctoken cursortoken continuationtoken paginationtoken \
         startingtoken resumetoken pagingtoken synctokens postmantoken uamobile serveripaddress maxtoken \
         mintoken skiptoken deltatoken resumptiontoken sequencetoken concurrencytoken correlationtoken \
         trackingtoken fencingtoken tokentype publickey secretname signaturemethod signatureversion serverip hostip \
         upstreamip destinationip targetip traceparent tracestate timestamp contentsecuritypolicy \
         wwwauthenticate proxyauthenticate requesttoken csrfcookie",
    ),
    (
        Policy::Server,
        "server upstream destination backend tries target serverinfo loadbalancer",
    ),
];

/// Decide only as the whole name (a leading `x` or `http` aside): as part of a longer one they mean too much else.
pub(crate) const ALONE: &[(Policy, &str)] = &[
    (
        Policy::Judge(Kind::Key),
        "key k authentication auth authinfo authdata routingkey",
    ),
    (Policy::Judge(Kind::Session), "session sess ticket"),
    (
        Policy::Judge(Kind::Token),
        "clienttoken accesstokenhash tok tokens sign state nonce access",
    ),
    (Policy::JudgeInQuery(Kind::Code), "code"),
    (Policy::Hide, "pin zip plz"),
    (
        Policy::Mask(Kind::Person),
        "customername contactname patientname",
    ),
    (Policy::Mask(Kind::User), "user login remoteuser"),
    (Policy::Mask(Kind::Phone), "tel fax cell"),
    (Policy::Mask(Kind::Card), "pan card"),
    (Policy::Mask(Kind::Password), "pwd pass"),
    (Policy::Judge(Kind::Address), "address addr"),
    (Policy::ClientAddress, "ip client peer clients"),
    (
        Policy::Never,
        "status statuscode ts time duration size bytes page perpage offset",
    ),
    (Policy::Server, "host origin"),
];

/// Ends of words that were written together without a sign between, such as `mytoken` or `dbpassword`.
pub(crate) const RUN_ON: &[(&str, Policy)] = &[
    ("password", Policy::Mask(Kind::Password)),
    ("passwd", Policy::Mask(Kind::Password)),
    ("passphrase", Policy::Mask(Kind::Password)),
    ("secret", Policy::Mask(Kind::Secret)),
    ("apikey", Policy::Mask(Kind::Key)),
    ("token", Policy::Mask(Kind::Token)),
    ("sessionid", Policy::Mask(Kind::Session)),
];

/// Keys that say what the `value` beside them is: HAR, Postman, OTLP, SOAP turned into JSON.
pub(crate) const NAME_KEYS: &[&str] = &["name", "key", "header", "field", "param", "attribute"];
pub(crate) const VALUE_KEYS: &[&str] = &[
    "value",
    "val",
    "v",
    "stringvalue",
    "token",
    "raw",
    "text",
    "#text",
    "data",
    "content",
];
/// Keys of a cookie object that are not its value.
pub(crate) const COOKIE_KEYS: &[&str] = &[
    "path", "domain", "expires", "httponly", "secure", "samesite", "maxage", "max-age", "comment",
    "priority",
];
