"""The programmes of France, the Netherlands, the United Kingdom and Australia, with their sources."""

from __future__ import annotations

from alerts.programme_kind import HOUR_S, Programme, Source, cited, own

_FRANCE = Source(
    "Ministère de la Justice, Alerte enlèvement",
    "Quels sont les critères de déclenchement ?",
    "http://www.alerte-enlevement.gouv.fr/?rubrique=10445",
    "The page itself: four criteria, and the procureur who decides.",
)

FR_ALERTE_ENLEVEMENT = Programme(
    id="fr-alerte-enlevement",
    name="Alerte enlèvement (France)",
    max_age=17,
    needs_abduction=True,
    needs_ncic=False,
    default_expiry_s=3 * HOUR_S,
    longest_expiry_s=3 * HOUR_S,
    event={"fr": "Alerte enlèvement"},
    approves="the procureur de la République of the place, after consulting the Ministère de la Justice",
    repeat_after_s=15 * 60,
    sources=cited(
        _FRANCE,
        expiry=Source(
            "Convention « Alerte enlèvement », February 2006, as amended on 20 April 2010",
            "the alert ends three hours after its partners were told, found or not",
            "https://alerte-enlevement.justice.gouv.fr/",
            "The sentence as the press quotes it; Radio France, a party to the convention, says three hours on its site.",
        ),
        repeat=Source(
            "Ministère de la Justice, Alerte enlèvement",
            "every 15 minutes for three hours",
            "https://alerte-enlevement.justice.gouv.fr/",
            "The words of the ministry as quoted by the press (January 2024).",
        ),
    ),
)

NL_AMBER = Programme(
    id="nl-amber",
    name="AMBER Alert (Netherlands)",
    max_age=17,
    needs_abduction=False,
    needs_ncic=False,
    default_expiry_s=24 * HOUR_S,
    longest_expiry_s=72 * HOUR_S,
    event={"nl": "Vermist kind"},
    approves="the national police, through its bureau for missing persons",
    sources=cited(
        Source(
            "Politie, AMBER Alert",
            "Wanneer gebruikt de politie een AMBER Alert?",
            "https://www.politie.nl/themas/amber-alert.html",
            "The page itself, and the same criteria at https://www.amberalert.nl/criteria-definities/.",
        )
    ),
)

_UK = Source(
    "National Crime Agency, Child Rescue Alert",
    "Frequently asked questions of the former public site: when do you use a Child Rescue Alert?",
    "https://www.missingpersons.police.uk/en-gb/child-rescue-alert/",
    "Three criteria there (under 18, imminent danger, enough to go by); older pages of forces add an abduction. The "
    "policy in force, held by the Agency, was not seen.",
    checked=False,
)

UK_CHILD_RESCUE = Programme(
    id="uk-child-rescue",
    name="Child Rescue Alert (United Kingdom)",
    max_age=17,
    needs_abduction=True,
    needs_ncic=False,
    default_expiry_s=24 * HOUR_S,
    longest_expiry_s=72 * HOUR_S,
    event={"en-GB": "Child Rescue Alert"},
    approves="a senior officer: the senior investigating officer, or a superintendent or above",
    sources=cited(_UK),
)

_QUEENSLAND = Source(
    "Queensland Police Service, Amber Alerts",
    "When will the alert be activated?",
    "https://www.police.qld.gov.au/EventsandAlerts/alerts/Child-Abduction-Alerts.htm",
    "The page itself.",
)
_DAY = Source(
    "Australian Federal Police, media release: national Facebook AMBER Alert system",
    "active for 24 hours unless cancelled; the longest is Lookout's own",
    "https://www.afp.gov.au/news-media/media-releases/australia%E2%80%99s-law-enforcement-agencies-commit-national-facebook-amber-alert",
    "The release itself.",
)

AU_QLD_AMBER = Programme(
    id="au-qld-amber",
    name="Amber Alert (Queensland, Australia)",
    max_age=17,
    needs_abduction=False,
    needs_ncic=False,
    default_expiry_s=24 * HOUR_S,
    longest_expiry_s=72 * HOUR_S,
    event={"en-AU": "Amber Alert"},
    approves="the Queensland Police Service",
    sources=cited(
        _QUEENSLAND,
        expiry=_DAY,
        repeat=own("broadcasters were asked for every 15 minutes in 2015, by press reports; for phones an hour"),
    ),
)

AU_AMBER = Programme(
    id="au-amber",
    name="Amber Alert (Australia, a state or territory other than Queensland)",
    max_age=17,
    needs_abduction=False,
    needs_ncic=False,
    default_expiry_s=24 * HOUR_S,
    longest_expiry_s=72 * HOUR_S,
    event={"en-AU": "Amber Alert"},
    approves="the police of the state or territory",
    sources=cited(
        Source(
            "Police of the states and territories",
            "no national criteria were found; Queensland's stand in",
            _QUEENSLAND.url,
            "Not seen.",
            checked=False,
        ),
        expiry=_DAY,
    ),
)
