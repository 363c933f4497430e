"""Where customers are: time zone, language, currency, working week, and what people there are called."""

from dataclasses import dataclass

MONDAY_TO_FRIDAY = frozenset({0, 1, 2, 3, 4})
SUNDAY_TO_THURSDAY = frozenset({6, 0, 1, 2, 3})


@dataclass(frozen=True)
class Country:
    """What a customer's country decides."""

    time_zone: str
    language: str
    currency: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    working_week: frozenset[int] = MONDAY_TO_FRIDAY


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GERMAN = (
    _names("Lena Markus Petra Stefan Katrin Felix Sabine Tobias"),
    _names("Brandt Vogel Seidel Kuhn Lorenz Hartmann Winkler Busch"),
)
_BRITISH = (
    _names("Eleanor Rhys Hannah Callum Imogen Gareth Fiona Adeel"),
    _names("Whitmore Pryce Sutherland Ashdown Khan Hollis Mercer Doyle"),
)
_AMERICAN = (
    _names("Dana Marcus Alicia Trevor Renee Luis Kayla Brian"),
    _names("Holloway Ortiz Bennett Strand Whitaker Kim Delgado Foster"),
)

COUNTRIES = {
    "AT": Country("Europe/Vienna", "de", "EUR", *_GERMAN),
    "AU": Country("Australia/Sydney", "en", "USD", *_BRITISH),
    "BR": Country(
        "America/Sao_Paulo",
        "pt",
        "USD",
        _names("Beatriz Thiago Camila Rafael Larissa Gustavo"),
        _names("Moreira Azevedo Teixeira Barros Cardoso Nogueira"),
    ),
    "CA": Country("America/Toronto", "en", "USD", *_AMERICAN),
    "DE": Country("Europe/Berlin", "de", "EUR", *_GERMAN),
    "ES": Country(
        "Europe/Madrid",
        "es",
        "EUR",
        _names("Lucía Íñigo Marta Sergio Nuria Álvaro"),
        _names("Peñarroya Castaño Ibáñez Montes Gallardo Vidal"),
    ),
    "FR": Country(
        "Europe/Paris",
        "fr",
        "EUR",
        _names("Élodie Antoine Solène Mathieu Noémie Julien"),
        _names("Garnier Lefèvre Marchand Perrin Rousselet Chevalier"),
    ),
    "GB": Country("Europe/London", "en", "GBP", *_BRITISH),
    "IE": Country("Europe/Dublin", "en", "EUR", *_BRITISH),
    "IN": Country(
        "Asia/Kolkata",
        "en",
        "USD",
        _names("Ananya Rohan Kavita Vikram Meera Arjun"),
        _names("Deshpande Iyer Bhatt Kulkarni Menon Rao"),
    ),
    "IT": Country(
        "Europe/Rome",
        "it",
        "EUR",
        _names("Chiara Matteo Elisa Davide Silvia Lorenzo"),
        _names("Ferraro Galli Marchetti Bellini Ricci Fontana"),
    ),
    "JP": Country(
        "Asia/Tokyo",
        "ja",
        "JPY",
        _names("優子 健太 美咲 大輔 陽子 翔太"),
        _names("佐藤 北浜 高橋 中村 小林 山口"),
    ),
    "NL": Country(
        "Europe/Amsterdam",
        "nl",
        "EUR",
        _names("Femke Daan Maaike Ruben Lotte Bram"),
        _names("Hendriks Mulder Vos Dekker Brouwer Kuipers"),
    ),
    "NZ": Country("Pacific/Auckland", "en", "USD", *_BRITISH),
    "PL": Country(
        "Europe/Warsaw",
        "pl",
        "EUR",
        _names("Agnieszka Paweł Zofia Tomasz Małgorzata Michał"),
        _names("Wójcik Nowak Dąbrowska Zieliński Kamiński Lis"),
    ),
    "SA": Country(
        "Asia/Riyadh",
        "ar",
        "USD",
        _names("Layla Omar Huda Faisal Reem Khalid"),
        _names("Al-Harbi Al-Qahtani Al-Zahrani Al-Shehri Al-Dosari Al-Amri"),
        SUNDAY_TO_THURSDAY,
    ),
    "SE": Country(
        "Europe/Stockholm",
        "sv",
        "EUR",
        _names("Elin Oskar Maja Gustav Linnéa Axel"),
        _names("Sjögren Bergström Åkesson Lindahl Ekman Nyström"),
    ),
    "US-C": Country("America/Chicago", "en", "USD", *_AMERICAN),
    "US-E": Country("America/New_York", "en", "USD", *_AMERICAN),
    "US-W": Country("America/Los_Angeles", "en", "USD", *_AMERICAN),
    "ZA": Country("Africa/Johannesburg", "en", "USD", *_BRITISH),
}
