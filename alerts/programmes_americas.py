"""The programmes of the United States, Canada and Mexico, with their sources."""

from __future__ import annotations

from alerts.programme_kind import HOUR_S, Programme, Source, cited, own

_US = Source(
    "US Department of Justice, AMBER Alert Best Practices, 2nd edition, NCJ 252759, April 2019",
    "AMBER Alert Criteria for Missing and Abducted Children: recommended criteria 1 to 5",
    "https://amberalert.ojp.gov/about/guidelines-for-issuing-alerts",
    "The Department's guidelines in a copy (scribd.com/document/57102316), and its five sentences as the press gives them.",
)

US_AMBER = Programme(
    id="us-amber",
    name="AMBER Alert (United States)",
    max_age=17,
    needs_abduction=True,
    needs_ncic=True,
    default_expiry_s=24 * HOUR_S,
    longest_expiry_s=72 * HOUR_S,
    event={"en": "Child Abduction Emergency", "es": "Emergencia por secuestro de un menor"},
    approves="the AMBER Alert coordinator of the state, tribe or region, asked by the law enforcement agency of the case",
    sources=cited(_US, entry=_US),
)

_QUEBEC = Source(
    "Alerte AMBER Québec",
    "Critères de déclenchement",
    "https://www.alerteamber.ca/criteres/",
    "The page itself.",
)

CA_QC_AMBER = Programme(
    id="ca-qc-amber",
    name="AMBER Alert (Quebec, Canada)",
    max_age=17,
    needs_abduction=True,
    needs_ncic=False,
    default_expiry_s=12 * HOUR_S,
    longest_expiry_s=72 * HOUR_S,
    event={"fr": "Alerte AMBER", "en": "AMBER Alert"},
    approves="the Sûreté du Québec, or the police of Montréal (SPVM) on its island",
    sources=cited(
        _QUEBEC,
        expiry=Source(
            "Alerte AMBER Québec",
            "Durée de l'alerte: five hours at least, and until 9:00 where it began after 21:00. Twelve hours hold "
            "both; the longest is Lookout's own",
            "https://www.alerteamber.ca/criteres/",
            "The page itself for the five hours; a partner of the programme for the nights.",
        ),
    ),
)

_CANADA = Source(
    "Royal Canadian Mounted Police, National Centre for Missing Persons and Unidentified Remains, AMBER Alert",
    "Guidelines; each province has its own criteria",
    "https://www.themissing.ca/missing-people-resources/",
    "Only what that page and the press quote of it: under 18, abducted, in imminent danger, enough to describe.",
    checked=False,
)

CA_AMBER = Programme(
    id="ca-amber",
    name="AMBER Alert (Canada, a province other than Quebec)",
    max_age=17,
    needs_abduction=True,
    needs_ncic=False,
    default_expiry_s=24 * HOUR_S,
    longest_expiry_s=72 * HOUR_S,
    event={"en": "AMBER Alert", "fr": "Alerte AMBER"},
    approves="the police of the province that runs its programme",
    sources=cited(_CANADA),
)

_MEXICO = Source(
    "Fiscalía General del Estado de San Luis Potosí, Alerta AMBER (the criteria of the national protocol)",
    "¿Cuáles son los criterios para activar la Alerta Amber?",
    "http://fiscaliaslp.gob.mx/vi/alerta-amber/",
    "The page itself.",
)

MX_AMBER = Programme(
    id="mx-alerta-amber",
    name="Alerta AMBER (Mexico)",
    max_age=17,
    needs_abduction=False,
    needs_ncic=False,
    default_expiry_s=24 * HOUR_S,
    longest_expiry_s=72 * HOUR_S,
    event={"es": "Alerta AMBER"},
    approves="the Fiscalía or Procuraduría of the state; the Fiscalía General de la República for more than one",
    child_fields=("name", "sex"),
    sources=cited(
        _MEXICO,
        approval=Source(
            "Gobierno del Estado de México, Alerta AMBER",
            "¿Quién es la autoridad encargada de autorizar y activar la Alerta AMBER?",
            "https://edomex.gob.mx/alertaAMBER",
            "The page itself.",
        ),
        expiry=Source(
            "Protocolo Nacional Alerta AMBER México, 2 August 2012",
            "IX Activación: in public for 72 hours at most; 24 at first are Lookout's own",
            "",
            "Only its table of contents and a newspaper's account of the 72 hours.",
            checked=False,
        ),
        repeat=own("the protocol was not read as far as repeats; an hour"),
    ),
)
