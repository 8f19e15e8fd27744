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
         authheader codeverifier devicecode authcode authorizationcode oauthverifier accesscode exchangecode \
         resetcode unlockcode appsecretproof idtokenhint wresult rememberme githubpat aspxauth usersession",
    ),
    (
        Policy::Mask(Kind::Key),
        "apikey apikeys secretkey privatekey accesskey secretaccesskey masterkey authkey signingkey \
         encryptionkey subscriptionkey functionskey functionkey applicationkey appkey accountkey \
         sharedkey sharedaccesskey licensekey licencekey hmackey writekey servicekey serverkey storagekey \
         sessionkey userkey integrationkey developerkey consumerkey devkey restkey clientkey webhookkey \
         decryptionkey sshkey tlskey jwtkey xikey merchantkey transactionkey signkey privkey cipherkey aeskey \
         clientkeydata signaturekey jfrogartapi honeycombteam proxyauth",
    ),
    (
        Policy::Mask(Kind::Password),
        "password passwords passwd passphrase pwd pass passwordhint passwort motdepasse contrasena senha \
         passcode userpw pw passwordhash passwordconfirmation passwordconfirm confirmpassword passwrd pswd psw \
         contraseña kennwort clave authpwd",
    ),
    (
        Policy::Mask(Kind::Secret),
        "secret secrets clientsecret connectionstring connstr credential credentials cred creds \
         securityanswer secretanswer recoverycode backupcode seedphrase mnemonic recoverycodes backupcodes secretkeybase secrettext \
         credentialsjson secretstring",
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
        "username loginname userprincipalname upn remoteuser csusername authuser samaccountname forwardeduser authrequestuser webauthuser \
         authenticateduser clientprincipalname userlogin screenname uname",
    ),
    (
        Policy::Mask(Kind::Person),
        "firstname lastname surname givenname familyname fullname middlename maidenname forename fname \
         lname birthname cardholder cardholdername accountholder personname recipientname holdername nameoncard \
         accountholdername sendername beneficiaryname payername payeename buyername guestname passengername \
         employeename drivername signername membername attendeename fromname toname shiptoname billtoname \
         vorname nachname prenom apellido apellidos nombrecompleto preferredname displayname billingname shippingname billingdetailsname",
    ),
    (
        Policy::Mask(Kind::Address),
        "street streetaddress streetname addressline shippingaddress billingaddress homeaddress \
         postaladdress mailingaddress deliveryaddress housenumber streetline address1 address2 address3 addr1 addr2 \
         formattedaddress fulladdress residentialaddress thoroughfare strasse billingcity shippingcity \
         mailingcity addresscity deliverycity homecity hometown customeraddress",
    ),
    (
        Policy::Mask(Kind::Identity),
        "ssn socialsecuritynumber socialsecurity nationalid nationalidnumber passportnumber passportno \
         driverslicense driverlicense licensenumber iban bankaccount bankaccountnumber accountnumber \
         taxid taxnumber taxpayerid vatnumber sortcode nhsnumber aadhaar cpf cnpj pesel insurancenumber \
         healthid medicalrecordnumber pannumber panno steuerid steueridentifikationsnummer steuernummer idnr insee nir \
         numerosecuritesociale numsecu numeroinsee dni nif nie documentoidentidad codicefiscale fiscalcode \
         nino ninumber nationalinsurance nationalinsuranceno aadhaarnumber aadhaarno aadhar aadharno pancard \
         passport passportid traveldocumentnumber drivinglicence drivinglicencenumber driverlicence \
         drivinglicense driverslicence licencenumber dlnumber idfa idfv gaid aaid advertisingid \
         googleadvertisingid maid imei meid imsi iccid macaddress macaddr wifimac androidid \
          taxidentificationnumber identitynumber documentnumber visanumber uidai steuerlicheidentifikationsnummer devicemac",
    ),
    (
        Policy::Hide,
        "cvv cvc cvv2 cvc2 csc cardcode securitycode cardsecuritycode cardverificationvalue otp otpcode \
         onetimecode onetimepassword totp totpcode mfacode twofactorcode 2facode verificationcode smscode \
         confirmationpin pincode usercode dob dateofbirth birthdate birthday birthyear postcode postalcode zipcode cvvcode cvccode cvn cv2 \
         verificationvalue geburtsdatum datenaissance dobdate yearofbirth billingzip shippingzip mailingzip \
         addresszip eircode latitude longitude geolat geolon geolng gpslat gpslon gpslng",
    ),
    (
        Policy::Judge(Kind::Identity),
        "deviceid deviceuuid googleaid ifa",
    ),
    (Policy::Credentials, "authorization"),
    (Policy::Cookies, "cookie cookies"),
    (Policy::SetCookie, "setcookie setcookie2"),
    (
        Policy::ClientAddress,
        "clientip remoteip userip realip visitorip connectingip callerip requestip originatingip sourceip \
         cip clientaddr clientaddress remoteaddr remoteaddress sourceaddress clienthost forwardedfor \
         forwarded xff trueclientip externaladdress clientipaddress ipaddress sourceipaddress \
         connectionip httpclientip lastip signupip loginip customerip payerip connectingipv6 browserip shopperip \
         signinip createdip registrationip buyerip sessionip deviceip ipaddr clientipv4 clientipv6 ipv4 ipv6",
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
    (Policy::JudgeInQuery(Kind::Code), "code t tk tkn"),
    (Policy::Hide, "pin zip plz lat lng lon postal born"),
    (
        Policy::Mask(Kind::Person),
        "customername contactname patientname nachname nom nombre",
    ),
    (Policy::Mask(Kind::User), "user login remoteuser"),
    (Policy::Mask(Kind::Phone), "tel fax cell"),
    (Policy::Judge(Kind::Phone), "to from recipient"),
    (Policy::Mask(Kind::Card), "pan card"),
    (Policy::Mask(Kind::Password), "pwd pass"),
    (Policy::Judge(Kind::Address), "address addr"),
    (Policy::ClientAddress, "ip client peer clients"),
    (
        Policy::Never,
        "status statuscode ts time duration size bytes page perpage offset",
    ),
    (Policy::Server, "host origin"),
    (Policy::Cookies, "ck"),
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

/// Last words that add nothing to the name before them.
pub(crate) const FILLERS: &[&str] = &["number", "no", "num", "nr", "c", "value", "plain"];

/// Keys that say what the `value` beside them is: HAR, Postman, OTLP, SOAP turned into JSON.
pub(crate) const NAME_KEYS: &[&str] = &[
    "name",
    "key",
    "header",
    "field",
    "param",
    "attribute",
    "property",
    "propertyname",
    "label",
    "parameter",
    "variable",
    "fieldname",
    "keyname",
    "parameterkey",
    "parametername",
    "k",
    "n",
    "id",
];
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
    "fieldvalue",
    "keyvalue",
    "parametervalue",
    "values",
    "arrayvalue",
];
/// Those of them that hold the whole of what is named: the value of a `Cookie` header, not of one cookie.
pub(crate) const WHOLE_KEYS: &[&str] = &["stringvalue", "raw", "text", "#text", "data", "content"];
/// Keys of a cookie object that are not its value.
pub(crate) const COOKIE_KEYS: &[&str] = &[
    "path", "domain", "expires", "httponly", "secure", "samesite", "maxage", "max-age", "comment",
    "priority",
];

/// Keys of lists that name the columns of the rows beside them, and of those rows: Responsys, query results.
pub(crate) const COLUMN_KEYS: &[&str] = &["fieldnames", "columns", "columnnames", "fields"];
pub(crate) const ROW_KEYS: &[&str] = &["records", "rows", "data", "values", "fieldvalues"];
/// Keys of objects about one person, in which a bare `name` is the person's.
pub(crate) const PEOPLE_KEYS: &[&str] = &[
    "customer",
    "billing",
    "shipping",
    "recipient",
    "contact",
    "card",
    "billingdetails",
    "shippingdetails",
    "patient",
    "user",
    "sender",
    "payer",
    "payee",
    "buyer",
    "guest",
    "passenger",
    "employee",
    "person",
    "subscriber",
    "member",
    "attendee",
    "signer",
    "beneficiary",
    "applicant",
    "name",
    "billto",
    "shipto",
    "consignee",
];
/// What holds a part of such a person's name, or of an address.
pub(crate) const NAME_PARTS: &[&str] = &[
    "name", "first", "last", "middle", "given", "family", "full", "display", "nickname",
];
pub(crate) const ADDRESS_PARTS: &[&str] = &["line1", "line2", "line3", "city", "town", "locality"];
/// Keys of objects that say what is wrong with the members of another.
pub(crate) const ERROR_KEYS: &[&str] = &[
    "errors",
    "error",
    "violations",
    "validationerrors",
    "fielderrors",
    "invalidparams",
    "messages",
    "issues",
    "failures",
    "problems",
];
