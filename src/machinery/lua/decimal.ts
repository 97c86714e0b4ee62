// Decimal digits of numbers, rounded as C does: JavaScript's own methods round exact halves up, C's to even.

const mantissaBits = 52n;
const exponentBias = 1_075n;

/** A finite number from 0 up as `mantissa * 2 ** exponent`. */
function binaryOf(value: number): readonly [mantissa: bigint, exponent: bigint] {
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0] ?? 0n;
  const exponent = bits >> mantissaBits;
  const fraction = bits & ((1n << mantissaBits) - 1n);
  return exponent === 0n ? [fraction, 1n - exponentBias] : [fraction | (1n << mantissaBits), exponent - exponentBias];
}

/** `value * 10 ** power`, rounded to a whole number. */
function scaled(value: number, power: number): bigint {
  const [mantissa, exponent] = binaryOf(value);
  let [above, below] = [mantissa, 1n];
  if (power >= 0) above *= 10n ** BigInt(power);
  else below *= 10n ** BigInt(-power);
  if (exponent >= 0n) above <<= exponent;
  else below <<= -exponent;
  const whole = above / below;
  const rest = (above % below) * 2n;
  return rest > below || (rest === below && whole % 2n === 1n) ? whole + 1n : whole;
}

/** "%.{precision}f" of a finite number from 0 up. */
export function fixedText(value: number, precision: number): string {
  const digits = scaled(value, precision)
    .toString()
    .padStart(precision + 1, "0");
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

/** The digits and the exponent of "%.{precision}e" of a finite number from 0 up. */
export function exponentialText(value: number, precision: number): readonly [mantissa: string, exponent: number] {
  let exponent = value === 0 ? 0 : Number(value.toExponential().split("e")[1]);
  let digits = scaled(value, precision - exponent)
    .toString()
    .padEnd(precision + 1, "0");
  if (digits.length > precision + 1) {
    exponent++;
    digits = digits.slice(0, -1);
  }
  return [precision === 0 ? digits : `${digits.slice(0, 1)}.${digits.slice(1)}`, exponent];
}
