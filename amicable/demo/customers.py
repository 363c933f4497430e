"""The forty customers of the demo's company."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from amicable.demo.countries import COUNTRIES, Country

Segment = Literal["smb", "mid-market", "enterprise"]
Period = Literal["month", "quarter", "year"]


@dataclass(frozen=True)
class Customer:
    """A customer as sales would introduce it. `yearly` is what it pays a year, in its country's currency."""

    customer_id: str
    name: str
    country_code: str
    segment: Segment
    csm: str
    seats: int
    yearly: int
    months: int
    every_day: bool = False

    @property
    def country(self) -> Country:
        """Where it is."""
        return COUNTRIES[self.country_code]

    @property
    def tier(self) -> str:
        """What it has bought."""
        return "basic" if self.seats < 12 else "plus" if self.seats < 90 else "premium"

    @property
    def period(self) -> Period:
        """How often it is billed."""
        billed: dict[Segment, Period] = {"smb": "month", "mid-market": "quarter", "enterprise": "year"}
        return billed[self.segment]

    @property
    def per_period(self) -> Decimal:
        """What one invoice asks for; yen have no smaller unit."""
        share = Decimal(self.yearly) / {"month": 12, "quarter": 4, "year": 1}[self.period]
        return share.quantize(Decimal(1) if self.country.currency == "JPY" else Decimal("0.01"))

    def uses_on(self, weekday: int) -> bool:
        """Whether it works on this day of the week (0 is Monday)."""
        return self.every_day or weekday in self.country.working_week


_ANA, _JONAS, _AMARA = "ana.ruiz", "jonas.weber", "amara.okafor"
_SMB: Segment = "smb"
_MID: Segment = "mid-market"
_ENTERPRISE: Segment = "enterprise"

CUSTOMERS = (
    # Ana Ruiz
    Customer("nordlicht-energie", "Nordlicht Energie", "DE", _MID, _ANA, 85, 42_000, 44),
    Customer("brennan-coyle", "Brennan & Coyle Facilities", "IE", _ENTERPRISE, _ANA, 420, 186_000, 52),
    Customer("polderzicht", "Polderzicht Logistiek", "NL", _MID, _ANA, 64, 31_200, 29),
    Customer("silverfern", "Silverfern Outfitters", "NZ", _SMB, _ANA, 14, 6_480, 1),
    Customer("panaderia-lorca", "Panadería Lorca", "ES", _SMB, _ANA, 6, 2_160, 19, every_day=True),
    Customer("ibericlima", "Ibericlima", "ES", _MID, _ANA, 72, 34_800, 33),
    Customer("fjallvind", "Fjällvind Kraft", "SE", _ENTERPRISE, _ANA, 310, 148_000, 47),
    Customer("oliveti-rocca", "Oliveti della Rocca", "IT", _SMB, _ANA, 9, 3_240, 22),
    Customer("termoservizi-adda", "Termoservizi Adda", "IT", _MID, _ANA, 58, 27_600, 16),
    Customer("chatelain-cycles", "Châtelain Cycles", "FR", _SMB, _ANA, 8, 2_880, 8),
    Customer("wisla-windows", "Wisła Okna i Drzwi", "PL", _MID, _ANA, 95, 38_400, 26),
    Customer("meridian-water", "Meridian Water Services", "GB", _ENTERPRISE, _ANA, 380, 164_000, 61),
    Customer("lagoa-azul", "Lagoa Azul Piscinas", "BR", _SMB, _ANA, 11, 3_960, 14),
    # Jonas Weber
    Customer("kitahama-seimitsu", "北浜精密 Kitahama Precision", "JP", _MID, _JONAS, 76, 5_400_000, 38),
    Customer("talleres-penarroya", "Talleres Peñarroya", "ES", _SMB, _JONAS, 12, 4_680, 33),
    Customer("vinhos-do-vale", "Vinhos do Vale", "BR", _MID, _JONAS, 54, 25_200, 21),
    Customer("roesterei-blumental", "Kaffeerösterei Blumental", "AT", _SMB, _JONAS, 10, 3_600, 24, every_day=True),
    Customer("rheinbogen-kliniken", "Rheinbogen Kliniken", "DE", _ENTERPRISE, _JONAS, 510, 212_000, 55, every_day=True),
    Customer("dachwerk-hauser", "Dachwerk Hauser", "DE", _SMB, _JONAS, 13, 4_320, 31),
    Customer("alpenlift", "Alpenlift Service", "AT", _MID, _JONAS, 68, 33_600, 28),
    Customer("glaserei-petersen", "Glaserei Petersen", "DE", _SMB, _JONAS, 5, 1_800, 11),
    Customer("hanseatische-lifte", "Hanseatische Lifte", "DE", _MID, _JONAS, 88, 40_800, 44),
    Customer("sakura-denki", "さくら電機 Sakura Denki", "JP", _ENTERPRISE, _JONAS, 340, 23_800_000, 49),
    Customer("grachten-installatie", "Grachten Installatie", "NL", _MID, _JONAS, 61, 29_400, 18),
    Customer("solkraft-visby", "Solkraft Visby", "SE", _SMB, _JONAS, 7, 2_700, 7),
    Customer("al-noor-cooling", "Al Noor Cooling", "SA", _MID, _JONAS, 92, 46_200, 23),
    # Amara Okafor
    Customer("harborview-clinics", "Harborview Clinics", "US-E", _ENTERPRISE, _AMARA, 460, 228_000, 28),
    Customer("ateliers-vauban", "Ateliers Vauban", "FR", _MID, _AMARA, 55, 26_400, 5),
    Customer("sunridge-solar", "Sunridge Solar", "US-W", _MID, _AMARA, 83, 47_400, 25),
    Customer("pennine-pest", "Pennine Pest Control", "GB", _SMB, _AMARA, 9, 2_940, 20),
    Customer("thistle-elevators", "Thistle Elevators", "GB", _MID, _AMARA, 74, 33_000, 34),
    Customer("bluebonnet-hvac", "Bluebonnet Heating & Air", "US-C", _SMB, _AMARA, 13, 5_760, 17),
    Customer(
        "great-lakes-utilities", "Great Lakes Utilities", "US-C", _ENTERPRISE, _AMARA, 600, 294_000, 58, every_day=True
    ),
    Customer("maplewood-grounds", "Maplewood Grounds", "CA", _MID, _AMARA, 66, 36_600, 30),
    Customer("table-bay-plumbing", "Table Bay Plumbing", "ZA", _SMB, _AMARA, 8, 2_520, 3),
    Customer("deccan-medtech", "Deccan Medtech Service", "IN", _MID, _AMARA, 110, 39_600, 32),
    Customer("wattle-gardens", "Wattle & Gum Gardens", "AU", _SMB, _AMARA, 7, 2_880, 10),
    Customer("coral-coast-marine", "Coral Coast Marine", "AU", _MID, _AMARA, 57, 30_600, 15, every_day=True),
    Customer("redwood-transit", "Redwood Transit", "US-W", _ENTERPRISE, _AMARA, 390, 198_000, 45),
    Customer("camden-lockworks", "Camden Lockworks", "GB", _SMB, _AMARA, 6, 2_100, 6),
)
CUSTOMER = {customer.customer_id: customer for customer in CUSTOMERS}
