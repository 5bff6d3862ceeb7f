import { z } from 'zod';

// ISO 4217, list one, as of 2026-01-01 (SIX Group, its maintenance agency). Codes that are not used in shops are left out: metals,
// funds, units of account, the test code and the code for no currency. It is a constant, because Intl differs between versions of Node.
const CODES = new Set((
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP '
  + 'CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK '
  + 'JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN '
  + 'MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS '
  + 'SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF '
  + 'YER ZAR ZMW ZWG'
).split(' '));

/** The code of a currency that a shopper can pay in. */
export const Currency = z
  .string()
  .refine((code) => CODES.has(code), 'must be an ISO 4217 code of a currency in circulation, such as GBP')
  .meta({ description: 'the ISO 4217 code of a currency in circulation', pattern: '^[A-Z]{3}$' });
