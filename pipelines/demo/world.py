"""Acme, whose support agents get the drafts: what it sells, what its help pages say, what its customers ask.

Made up. Acme sells label printers and sensor hubs, and Acme Cloud by the seat. In the texts, names in braces are
filled for each ticket: {plan} and {price} (its price), {device}, {order}, {month}, {seats} (a number of people).
"""

from typing import NamedTuple


class Document(NamedTuple):
    """A help page that retrieval finds."""

    id: str
    title: str
    text: str


class Spanish(NamedTuple):
    """A topic as a Spanish-speaking customer asks it, and as a draft answers it."""

    asks: tuple[str, ...]
    answers: tuple[str, ...]


class Topic(NamedTuple):
    """What customers ask about, one question at a time.

    `answers` are statements that the page supports, the first the direct answer. `slip` contradicts the page in a
    number, `invention` is nowhere on it: what a draft says when it goes wrong.
    """

    category: str
    share: float  # of its category's tickets
    page: Document
    asks: tuple[str, ...]
    answers: tuple[str, ...]
    slip: str
    invention: str
    spanish: Spanish | None = None


PLANS = {"Starter": 12, "Team": 29, "Business": 79}
DEVICES = ("Hub 2", "Hub Mini", "Label Printer", "Label Printer Pro")
MONTHS = ("January", "March", "May", "August", "September", "October")

TOPICS = (
    Topic(
        "billing",
        0.4,
        Document(
            "kb-101",
            "Plans and prices",
            "Acme Cloud is billed per seat and month. Starter costs $12 per seat, Team costs $29 per seat and Business "
            "costs $79 per seat. Paying for a year in advance takes 15% off. Prices do not include tax, which is added "
            "on the invoice according to the billing address.",
        ),
        (
            "How much is the {plan} plan per seat, and is there a discount if we pay for a year in advance?",
            "What does the {plan} plan cost per month for {seats} seats? Is tax included in the price?",
            "We are about to order {seats} seats. What price per seat applies on the {plan} plan?",
        ),
        (
            "The {plan} plan costs ${price} per seat and month.",
            "Paying for a year in advance takes 15% off the price.",
            "Prices do not include tax; tax is added on the invoice according to your billing address.",
        ),
        "Paying for a year in advance takes 30% off the price.",
        "Charities and schools can ask our partner desk for a free upgrade.",
        Spanish(
            (
                "¿Cuánto cuesta el plan {plan} por usuario al mes? ¿Hay descuento si pagamos un año por adelantado?",
                "Quiero saber el precio del plan {plan} por usuario y si los impuestos están incluidos en el precio.",
            ),
            (
                "El plan {plan} cuesta ${price} por usuario al mes.",
                "Si se paga un año por adelantado hay un descuento del 15% sobre el precio.",
                "Los precios no incluyen impuestos; se añaden en la factura según la dirección de facturación.",
            ),
        ),
    ),
    Topic(
        "billing",
        0.35,
        Document(
            "kb-102",
            "Invoices and receipts",
            "Every invoice is under Settings > Billing > Invoices, as a PDF. Invoices are issued on the first day of "
            "the "
            "month. To change the name or the tax number on an invoice, edit the billing profile; invoices that were "
            "issued before stay as they are. Owners and billing admins can see invoices.",
        ),
        (
            "Where can I download the invoice for {month}? And can the tax number on the invoice still be changed?",
            "Our accountant needs the {month} invoice as a PDF. Where do I find it?",
            "The company name on our {month} invoice is wrong. How do we change the name on an invoice?",
        ),
        (
            "You find every invoice, including the one for {month}, as a PDF under Settings > Billing > Invoices.",
            "To change the name or the tax number on an invoice, edit the billing profile.",
            "An invoice that was issued before the change stays as it is; only owners and billing admins can see "
            "invoices.",
        ),
        "Invoices are issued on the 15 day of the month.",
        "We can also post a stamped paper copy to your accountant by registered mail.",
    ),
    Topic(
        "billing",
        0.25,
        Document(
            "kb-103",
            "Charged twice, and failed payments",
            "Two charges on one day are usually one payment and one authorization. An authorization is released by the "
            "bank within 7 days. When a payment fails, it is tried again after 3 days and after 6 days; the workspace "
            "stays active for 14 days. A different card can be added under Settings > Billing > Payment method.",
        ),
        (
            "My card shows two charges from Acme on the same day. Why were we charged twice?",
            "The payment for {month} failed. When is the payment tried again, and does the workspace stay active?",
        ),
        (
            "Two charges on one day are usually one payment and one authorization, which the bank releases within 7 "
            "days.",
            "A payment that failed is tried again after 3 days and after 6 days, and the workspace stays active for 14 "
            "days.",
            "You can add a different card under Settings > Billing > Payment method.",
        ),
        "The bank releases the authorization within 21 days.",
        "Our treasury team has already corrected the ledger entry for your company.",
    ),
    Topic(
        "login",
        0.45,
        Document(
            "kb-111",
            "Resetting a password",
            "Choose Forgot password on the sign-in page to get a reset link by email. The link is valid for 60 minutes "
            "and works once. After 5 wrong passwords the account is locked for 15 minutes. If no email arrives, check "
            "the spam folder and whether the account uses single sign-on, which has no password.",
        ),
        (
            "I forgot my password and the reset email does not arrive. How do I reset my password?",
            "My account is locked after several wrong passwords. How long does the lock last?",
            "The reset link in the email says it is not valid any more. How long is a reset link valid?",
        ),
        (
            "Choose Forgot password on the sign-in page and you get a reset link by email; the link is valid for 60 "
            "minutes.",
            "After 5 wrong passwords the account is locked for 15 minutes.",
            "If the reset email does not arrive, check the spam folder and whether your account uses single sign-on, "
            "which has no password.",
        ),
        "The reset link is valid for 240 minutes.",
        "Your browser extension is overwriting the session cookie of the portal.",
        Spanish(
            (
                "Olvidé mi contraseña y el correo para restablecer la contraseña no llega. ¿Qué puedo hacer?",
                "Mi cuenta está bloqueada después de varias contraseñas incorrectas. ¿Cuánto dura el bloqueo de la "
                "cuenta?",
            ),
            (
                "Elija la opción de contraseña olvidada en la página de acceso y recibirá un correo para restablecer "
                "la "
                "contraseña; el enlace es válido durante 60 minutos.",
                "Después de 5 contraseñas incorrectas la cuenta queda bloqueada; el bloqueo dura 15 minutos.",
                "Si el correo no llega, revise la carpeta de correo no deseado.",
            ),
        ),
    ),
    Topic(
        "login",
        0.3,
        Document(
            "kb-112",
            "Two-step verification",
            "Two-step verification asks for a code from an authenticator app. With a new phone, sign in with one of "
            "the 10 "
            "recovery codes and set the app up again under Profile > Security. Without recovery codes, an owner of the "
            "workspace can turn two-step verification off for a member; the change is logged.",
        ),
        (
            "I have a new phone and cannot get the verification code. How do I sign in without my authenticator app?",
            "A colleague lost the recovery codes. Can an owner turn off two-step verification for a member?",
        ),
        (
            "With a new phone, sign in with one of your 10 recovery codes and set the authenticator app up again under "
            "Profile > Security.",
            "Without recovery codes, an owner of the workspace can turn two-step verification off for a member.",
            "The change is logged.",
        ),
        "You have 25 recovery codes to sign in with.",
        "A text message with a backup code was sent to the phone of your manager.",
    ),
    Topic(
        "login",
        0.25,
        Document(
            "kb-113",
            "Single sign-on",
            "Single sign-on with SAML is part of the Business plan. The metadata file is under Settings > Security > "
            "Single "
            "sign-on. Members keep access by password for 30 days after it is turned on; owners always keep theirs, so "
            "that nobody is locked out.",
        ),
        (
            "Is single sign-on part of the {plan} plan? And do members keep access by password once it is turned on?",
            "Where do I find the SAML metadata file for single sign-on?",
        ),
        (
            "Single sign-on with SAML is part of the Business plan.",
            "The metadata file is under Settings > Security > Single sign-on.",
            "Members keep access by password for 30 days after single sign-on is turned on, and owners always keep "
            "theirs.",
        ),
        "Members keep access by password for 90 days after single sign-on is turned on.",
        "Your identity provider has to renew its certificate with a notary first.",
    ),
    Topic(
        "shipping",
        0.5,
        Document(
            "kb-121",
            "Delivery times",
            "Orders placed before 2 pm are shipped on the same business day. Standard delivery takes 3 to 5 business "
            "days "
            "and express delivery takes 1 business day. A tracking link is sent by email as soon as the parcel leaves "
            "the "
            "warehouse. Orders above $150 are delivered free of charge.",
        ),
        (
            "When will my order {order} arrive? I ordered a {device} with standard delivery and got no tracking link.",
            "How long does express delivery of a {device} take, and is delivery free of charge?",
            "I placed order {order} this morning. Will it be shipped today, and when do I get the tracking link?",
        ),
        (
            "Standard delivery takes 3 to 5 business days, and express delivery takes 1 business day.",
            "An order placed before 2 pm is shipped on the same business day, and the tracking link is sent by email "
            "as "
            "soon as the parcel leaves the warehouse.",
            "Orders above $150 are delivered free of charge.",
        ),
        "Standard delivery takes 8 to 10 business days.",
        "The driver will telephone you from the depot one hour ahead.",
        Spanish(
            (
                "¿Cuándo llega mi pedido {order}? Pedí un {device} con envío estándar y no tengo enlace de "
                "seguimiento.",
                "¿Cuánto tarda el envío urgente de un {device} y es gratis el envío?",
            ),
            (
                "El envío estándar tarda entre 3 y 5 días hábiles y el envío urgente tarda 1 día hábil.",
                "El enlace de seguimiento del pedido se envía por correo cuando el paquete sale del almacén.",
                "El envío es gratis en los pedidos de más de $150.",
            ),
        ),
    ),
    Topic(
        "shipping",
        0.3,
        Document(
            "kb-122",
            "Changing a delivery address",
            "The delivery address of an order can be changed until the parcel is packed, about 2 hours after the "
            "order. "
            "Open Orders, choose the order and press Edit address. Once it is packed, the carrier can redirect the "
            "parcel "
            "through the tracking link. We ship to the United States, Canada and Mexico.",
        ),
        (
            "I gave the wrong address for order {order}. Can the delivery address still be changed?",
            "Can you send the {device} of order {order} to our office in Canada, and how do I change the address?",
        ),
        (
            "The delivery address can be changed until the parcel is packed, about 2 hours after the order: open "
            "Orders, "
            "choose the order and press Edit address.",
            "Once the parcel is packed, the carrier can redirect it through the tracking link.",
            "We ship to the United States, Canada and Mexico.",
        ),
        "The delivery address can be changed until 48 hours after the order.",
        "Our courier stores parcels free for a month in a locker of your choice.",
    ),
    Topic(
        "shipping",
        0.2,
        Document(
            "kb-123",
            "Parcels that are damaged or lost",
            "Report a damaged parcel within 10 days, with a photo of the box and of the label. We send a replacement "
            "free of charge within 2 business days. A parcel counts as lost when its tracking has not moved for 7 "
            "days; "
            "then we send it again.",
        ),
        (
            "The {device} of order {order} arrived damaged. How do I report the damaged parcel and get a replacement?",
            "The tracking of order {order} has not moved for days. When does a parcel count as lost?",
        ),
        (
            "Please report the damaged parcel within 10 days, with a photo of the box and of the label.",
            "We send a replacement free of charge within 2 business days.",
            "A parcel counts as lost when its tracking has not moved for 7 days; then we send it again.",
        ),
        "Damaged parcels have to be reported within 3 days.",
        "The insurance of your own carrier pays half of the replacement.",
    ),
    Topic(
        "refunds",
        0.55,
        Document(
            "kb-131",
            "Returns and refunds of devices",
            "A device can be returned within 30 days of delivery. Open Orders, choose Return and print the label; the "
            "return is free. The refund is paid to the original payment method within 5 business days after the device "
            "reaches us. Devices that were opened are refunded in full when they work.",
        ),
        (
            "I want to return the {device} from order {order}. How does a return work and when do I get the refund?",
            "Is it possible to return a {device} that was opened, and is the return free?",
            "I sent the {device} back last week. How long does the refund take?",
        ),
        (
            "The refund is paid to your original payment method within 5 business days after the device reaches us.",
            "A device can be returned within 30 days of delivery: open Orders, choose Return and print the label; the "
            "return is free.",
            "A device that was opened is refunded in full when it works.",
        ),
        "The refund is paid within 20 business days after the device reaches us.",
        "We will add a voucher for the accessories shop to make up for the trouble.",
        Spanish(
            (
                "Quiero devolver el {device} del pedido {order}. ¿Cómo funciona la devolución y cuándo recibo el "
                "reembolso?",
                "¿Se puede devolver un {device} abierto y es gratis la devolución?",
            ),
            (
                "El reembolso se paga con el mismo medio de pago en 5 días hábiles después de recibir la devolución.",
                "Puede devolver el {device} durante los 30 días posteriores a la entrega y la devolución es gratis.",
                "Un equipo abierto se reembolsa completo si funciona.",
            ),
        ),
    ),
    Topic(
        "refunds",
        0.45,
        Document(
            "kb-132",
            "Refunds of Acme Cloud",
            "Monthly plans can be cancelled at any time and run to the end of the month; a month that has begun is not "
            "refunded. Yearly plans are refunded for the months that remain when they are cancelled within 60 days. "
            "Removed seats become a credit on the next invoice.",
        ),
        (
            "We cancelled the yearly {plan} plan. Are the remaining months refunded?",
            "If I cancel the monthly {plan} plan today, is the month that has begun refunded?",
            "We removed {seats} seats from the {plan} plan. Is there a refund or a credit for removed seats?",
        ),
        (
            "Yearly plans are refunded for the months that remain when they are cancelled within 60 days.",
            "Monthly plans can be cancelled at any time and run to the end of the month; a month that has begun is not "
            "refunded.",
            "Removed seats become a credit on your next invoice.",
        ),
        "Yearly plans are refunded when they are cancelled within 180 days.",
        "Our finance director approves every exception by hand on Fridays.",
    ),
    Topic(
        "integrations",
        0.5,
        Document(
            "kb-141",
            "Connecting a calendar or chat",
            "Open Settings > Integrations, choose the calendar or the chat and press Connect; an admin of the other "
            "service "
            "has to approve the access. Events are synchronised every 10 minutes. One workspace can connect up to 8 "
            "services on Team and 25 on Business.",
        ),
        (
            "How do I connect our team calendar to Acme? How often are events synchronised?",
            "How many services can a workspace connect on the {plan} plan, and who has to approve the access?",
        ),
        (
            "Open Settings > Integrations, choose the calendar or the chat and press Connect.",
            "An admin of the other service has to approve the access, and events are synchronised every 10 minutes.",
            "A workspace can connect up to 8 services on Team and 25 services on Business.",
        ),
        "Events are synchronised every 45 minutes.",
        "The marketplace listing must be signed by a certified reseller.",
        Spanish(
            (
                "¿Cómo puedo conectar el calendario de nuestro equipo con Acme? ¿Cada cuánto se sincronizan los "
                "eventos?",
                "Necesito conectar otro servicio al espacio de trabajo. ¿Quién tiene que aprobar el acceso al "
                "servicio?",
            ),
            (
                "Abra la configuración de integraciones, elija el calendario o servicio y pulse conectar.",
                "Un administrador del otro servicio tiene que aprobar el acceso y los eventos se sincronizan cada 10 "
                "minutos.",
                "El espacio de trabajo admite hasta 8 servicios en el plan Team.",
            ),
        ),
    ),
    Topic(
        "integrations",
        0.5,
        Document(
            "kb-142",
            "The spreadsheet export",
            "The spreadsheet export writes readings to a sheet once an hour. It needs edit rights on the sheet and "
            "stops "
            "when the owner of the connection leaves the workspace; another member can take it over under Settings > "
            "Integrations > Owner. A sheet holds up to 5000 rows, then a new one is begun.",
        ),
        (
            "The spreadsheet export stopped when a colleague left. How can another member take over the connection?",
            "How often does the spreadsheet export write readings, and how many rows does a sheet hold?",
        ),
        (
            "The spreadsheet export stops when the owner of the connection leaves the workspace; another member can "
            "take "
            "it over under Settings > Integrations > Owner.",
            "It writes readings to a sheet once an hour and needs edit rights on the sheet.",
            "A sheet holds up to 5000 rows, then a new sheet is begun.",
        ),
        "A sheet holds up to 900 rows.",
        "Macros inside the workbook must be recompiled by your administrator.",
    ),
    Topic(
        "api",
        0.4,
        Document(
            "kb-151",
            "API limits",
            "The API allows 120 requests per minute on Starter and 600 requests per minute on Team and Business. Above "
            "the "
            "limit it answers with status 429 and a Retry-After header that gives the seconds to wait. Bulk endpoints "
            "take up to 500 records in one request.",
        ),
        (
            "We get status 429 from the API. What is the request limit on the {plan} plan, and how long should we "
            "wait?",
            "How many records can one request to a bulk endpoint take?",
        ),
        (
            "The API allows 120 requests per minute on Starter and 600 requests per minute on Team and Business.",
            "Above the limit the API answers with status 429 and a Retry-After header that gives the seconds to wait.",
            "A bulk endpoint takes up to 500 records in one request.",
        ),
        "The API allows 2000 requests per minute on Team.",
        "Our edge network caches negative responses in the Frankfurt region.",
        Spanish(
            (
                "La API responde con el estado 429. ¿Cuál es el límite de peticiones del plan {plan} y cuánto debemos "
                "esperar?",
                "¿Cuántos registros admite una petición masiva a la API?",
            ),
            (
                "El límite de la API es de 120 peticiones por minuto en Starter y 600 peticiones por minuto en Team y "
                "Business.",
                "Por encima del límite la API responde con el estado 429 e indica los segundos que debe esperar.",
                "Una petición masiva admite hasta 500 registros.",
            ),
        ),
    ),
    Topic(
        "api",
        0.35,
        Document(
            "kb-152",
            "API keys",
            "API keys are made under Settings > Developers > Keys by an admin. A key is shown once and can be limited "
            "to "
            "reading. Keys expire after 365 days; both the old and the new key work for 24 hours when a key is "
            "rotated.",
        ),
        (
            "Where do we make a new API key, and does the old key still work when a key is rotated?",
            "Our API key expired. After how many days do keys expire, and who can make a new key?",
        ),
        (
            "An admin makes API keys under Settings > Developers > Keys.",
            "When a key is rotated, both the old and the new key work for 24 hours.",
            "Keys expire after 365 days; a key is shown once and can be limited to reading.",
        ),
        "Keys expire after 30 days.",
        "The vault of our security partner keeps an encrypted duplicate for you.",
    ),
    Topic(
        "api",
        0.25,
        Document(
            "kb-153",
            "Webhooks and the Export API v2",
            "Webhooks are sent within 30 seconds and tried again 6 times. The Export API v2 delivers readings as pages "
            "of "
            "1000 records; the cursor in each page leads to the next one. Every request needs the header Acme-Version.",
        ),
        (
            "How do we export all readings through the API? The export stops after the first page of records.",
            "A webhook did not arrive. How often is a webhook tried again?",
        ),
        (
            "The Export API v2 delivers readings as pages of 1000 records; the cursor in each page leads to the next "
            "one.",
            "Every request needs the header Acme-Version.",
            "Webhooks are sent within 30 seconds and are tried again 6 times.",
        ),
        "The Export API v2 delivers readings as pages of 100 records.",
        "Nightly snapshots can be collected from our file server by courier.",
    ),
    Topic(
        "account",
        0.4,
        Document(
            "kb-161",
            "Adding and removing people",
            "Admins add people under Settings > Members > Invite; an invitation is valid for 7 days. A new seat is "
            "charged "
            "from the day on which the invitation is accepted. Removing a member keeps their reports, which pass to "
            "the "
            "admin who removed them.",
        ),
        (
            "How do I add {seats} new people to our workspace, and from which day is a new seat charged?",
            "If I remove a member, what happens to the reports of that member?",
            "The invitation of a new colleague is not valid any more. How long is an invitation valid?",
        ),
        (
            "Admins add people under Settings > Members > Invite; an invitation is valid for 7 days.",
            "A new seat is charged from the day on which the invitation is accepted.",
            "Removing a member keeps their reports, which pass to the admin who removed the member.",
        ),
        "An invitation is valid for 45 days.",
        "Every newcomer gets a welcome call from a success coach.",
        Spanish(
            (
                "¿Cómo puedo añadir {seats} personas nuevas a nuestro espacio y desde qué día se cobra cada persona "
                "nueva?",
                "La invitación de una persona nueva ya no es válida. ¿Cuánto tiempo es válida una invitación?",
            ),
            (
                "Un administrador puede añadir personas nuevas en la configuración; cada invitación es válida durante "
                "7 días.",
                "Cada persona nueva se cobra desde el día en que acepta la invitación.",
                "Los informes de una persona eliminada pasan al administrador.",
            ),
        ),
    ),
    Topic(
        "account",
        0.3,
        Document(
            "kb-162",
            "Changing the plan",
            "An owner changes the plan under Settings > Billing > Plan. An upgrade takes effect at once and is charged "
            "for "
            "the days that remain; a downgrade takes effect at the end of the month. Starter has up to 5 seats and "
            "Team has "
            "up to 50 seats.",
        ),
        (
            "We are {seats} people and want to upgrade to {plan}. Does an upgrade take effect at once, and how is it "
            "charged?",
            "When does a downgrade take effect, and up to how many seats does Starter have?",
        ),
        (
            "An owner changes the plan under Settings > Billing > Plan; an upgrade takes effect at once and is charged "
            "for "
            "the days that remain.",
            "A downgrade takes effect at the end of the month.",
            "Starter has up to 5 seats and Team has up to 50 seats.",
        ),
        "Starter has up to 20 seats.",
        "A migration engineer visits your office for the changeover.",
    ),
    Topic(
        "account",
        0.3,
        Document(
            "kb-163",
            "Deleting a workspace",
            "Only the owner can delete a workspace, under Settings > General > Delete. It can be restored for 28 days; "
            "after "
            "that all readings are erased. Export readings first under Settings > Data > Export. Open invoices remain "
            "due.",
        ),
        (
            "How do we delete our workspace, and can it be restored later?",
            "We want to close our account. Are all readings erased, and how do we export readings first?",
        ),
        (
            "Only the owner can delete a workspace, under Settings > General > Delete.",
            "The workspace can be restored for 28 days; after that all readings are erased.",
            "Export your readings first under Settings > Data > Export; open invoices remain due.",
        ),
        "The workspace can be restored for 365 days.",
        "Our archive in the salt mine keeps a legal copy anyway.",
    ),
    Topic(
        "bug_report",
        0.4,
        Document(
            "kb-171",
            "A hub that is offline",
            "A hub that is offline shows a red light. Unplug it for 20 seconds and wait for a steady green light, "
            "which takes "
            "up to 4 minutes. Readings are kept on the hub for 72 hours and are sent when it is online again. If the "
            "light "
            "stays red, hold the reset button for 10 seconds.",
        ),
        (
            "Our hub shows a red light and is offline since this morning. How do we get it online again?",
            "The hub was offline for a day. Are the readings lost, or are they kept and sent later?",
        ),
        (
            "Unplug the hub for 20 seconds and wait for a steady green light, which takes up to 4 minutes.",
            "If the light stays red, hold the reset button for 10 seconds.",
            "Readings are kept on the hub for 72 hours and are sent when it is online again.",
        ),
        "Readings are kept on the hub for 6 hours.",
        "A solar storm has disturbed the radio band in several states.",
        Spanish(
            (
                "Nuestro equipo tiene la luz roja y está sin conexión. ¿Cómo podemos recuperar la conexión del equipo?",
                "El equipo estuvo un día sin conexión. ¿Se pierden las lecturas o se guardan en el equipo?",
            ),
            (
                "Desconecte el equipo durante 20 segundos y espere la luz verde para recuperar la conexión.",
                "Si la luz sigue roja, mantenga pulsado el botón durante 10 segundos.",
                "Las lecturas se guardan en el equipo durante 72 horas y se envían cuando vuelve la conexión.",
            ),
        ),
    ),
    Topic(
        "bug_report",
        0.3,
        Document(
            "kb-172",
            "Labels that print blank",
            "Labels print blank when the roll is loaded the wrong way round or the print head is dirty. Clean the "
            "print head "
            "with the pen in the box and print a test label by holding the feed button for 3 seconds. Firmware 4.2 "
            "mends "
            "blank labels after sleep; update it in the Acme app.",
        ),
        (
            "Our {device} prints blank labels since yesterday. What can we do about blank labels?",
            "After sleep the first labels print blank. Is there a firmware that mends blank labels?",
        ),
        (
            "Labels print blank when the roll is loaded the wrong way round or the print head is dirty; clean the "
            "print head "
            "with the pen in the box.",
            "Print a test label by holding the feed button for 3 seconds.",
            "Firmware 4.2 mends blank labels after sleep; please update the firmware in the Acme app.",
        ),
        "Print a test label by holding the feed button for 30 seconds.",
        "Humidity above the coast makes thermal coating invisible in summer.",
    ),
    Topic(
        "bug_report",
        0.3,
        Document(
            "kb-173",
            "A dashboard that does not load",
            "When a dashboard does not load, reload the page without extensions and check status.acme.example for an "
            "incident. "
            "A dashboard with more than 40 charts loads slowly; split it. Errors that stay can be reported from the "
            "Help menu, "
            "which adds the browser log.",
        ),
        (
            "The dashboard does not load for our whole team, only a white page. What should we check?",
            "Our dashboard loads very slowly with many charts. How many charts can a dashboard have?",
        ),
        (
            "Please reload the page without extensions and check status.acme.example for an incident.",
            "A dashboard with more than 40 charts loads slowly, so it helps to split the dashboard.",
            "If the error stays, report it from the Help menu, which adds the browser log.",
        ),
        "A dashboard with more than 400 charts loads slowly.",
        "A rollback of the graphics driver is scheduled for tonight in your building.",
    ),
)

DEPRECATED_PAGES = (
    Document(
        "kb-153-v1",
        "Export API v1 (deprecated)",
        "Deprecated: Export API v1 was switched off. The Export API v1 delivered readings as one file per day from the "
        "address /v1/export, with the key in the address.",
    ),
    Document(
        "kb-112-old",
        "Sign-in codes by text message (deprecated)",
        "Deprecated: codes by text message are no longer sent. A verification code was sent by text message to the "
        "phone "
        "number in the profile and was valid for 3 minutes.",
    ),
)
DEPRECATED_ANSWERS = (
    "According to Export API v1 you get readings as one file per day from the address /v1/export, with the key in the "
    "address.",
    "According to Sign-in codes by text message, a verification code is sent by text message to the phone number in "
    "your "
    "profile and is valid for 3 minutes.",
)

# What share of tickets each category has. Production asks a little more about parcels and devices than the cold eval.
COLD_MIX = {
    "billing": 0.18, "login": 0.15, "shipping": 0.12, "refunds": 0.12,
    "integrations": 0.12, "api": 0.11, "account": 0.12, "bug_report": 0.08,
}  # fmt: skip
PRODUCTION_MIX = {
    "billing": 0.19, "login": 0.16, "shipping": 0.18, "refunds": 0.13,
    "integrations": 0.07, "api": 0.06, "account": 0.11, "bug_report": 0.10,
}  # fmt: skip
