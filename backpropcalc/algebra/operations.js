// Numbers by hand, as decimals.py has them: a fraction as long as it is exact, then 43 digits.
//
// A fraction is {n, d}, d > 0 and nothing in common; one that was written as one has its `text`. What has been rounded
// is {m, e}, worth m · 2^e. What is infinite or undefined is {s}. Nothing raises.

const PRECISION = 144;
const KEPT = 1n << 256n;
const NOISE = 106;
const CLOSE = -20;
const NUDGE = 132;
const ZERO = { n: 0n, d: 1n }, ONE = { n: 1n, d: 1n }, TWO = { n: 2n, d: 1n };
const NAN = { s: NaN }, INFINITE = { s: Infinity }, BELOW = { s: -Infinity };

const isFraction = (x) => x.d !== undefined;
const isFinite_ = (x) => x.s === undefined;
const size = (n) => (n < 0n ? -n : n);
const isZero = (x) => (isFraction(x) ? x.n === 0n : x.m === 0n);
const isUndefined = (x) => Number.isNaN(x.s);

function bits(n) {
  const hex = size(n).toString(16);
  return 4 * hex.length - Math.clz32(parseInt(hex[0], 16)) + 28;
}

const shifted = (n, by) => (by >= 0 ? n << BigInt(by) : n >> BigInt(-by));

function float(m, e) {
  if (m === 0n) return { m: 0n, e: 0 };
  const over = bits(m) - PRECISION;
  if (over > 0) {
    const half = 1n << BigInt(over - 1);
    m = m < 0n ? -((-m + half) >> BigInt(over)) : (m + half) >> BigInt(over);
    e += over;
  }
  const top = bits(m) + e;
  if (top > 1024) return m > 0n ? INFINITE : BELOW;
  return top < -1450 ? { m: 0n, e: 0 } : { m, e };
}

function fraction(n, d) {
  let a = size(n), b = d;
  while (b) [a, b] = [b, a % b];
  if (a > 1n) [n, d] = [n / a, d / a];
  return size(n) < KEPT && d < KEPT ? { n, d } : divided(n, d);
}

function divided(n, d) {
  const by = PRECISION + 8 + bits(d) - bits(n);
  return float(by >= 0 ? (n << BigInt(by)) / d : n / (d << BigInt(-by)), -by);
}

const rounded = (x) => (isFraction(x) ? (x.n === 0n ? { m: 0n, e: 0 } : divided(x.n, x.d)) : x);

/** A number as it was written: 0.10, -1e-3, 1/3; null if it is none. */
function number(text) {
  const part = /^\s*([+-]?)(\d*)(?:[.,](\d*))?(?:[eE]([+-]?\d{1,3}))?\s*$/.exec(text);
  if (part && (part[2] || part[3])) {
    const behind = part[3] || "", e = Number(part[4] || 0) - behind.length;
    const n = BigInt(part[1] === "-" ? -1 : 1) * BigInt((part[2] || "") + behind);
    return e >= 0 ? fraction(n * 10n ** BigInt(e), 1n) : fraction(n, 10n ** BigInt(-e));
  }
  const ratio = /^\s*(-?\d+)\s*\/\s*(\d+)\s*$/.exec(text);
  if (!ratio || !/[1-9]/.test(ratio[2])) return null;
  return { ...fraction(BigInt(ratio[1]), BigInt(ratio[2])), text: text.trim() };
}

/** The nearest double. */
function double(x) {
  if (!isFinite_(x)) return x.s;
  const { m, e } = rounded(x);
  const over = Math.max(0, bits(m) - 64);
  return Number(m >> BigInt(over)) * 2 ** Math.max(e + over, -1000) * 2 ** Math.min(0, e + over + 1000);
}

function sum(a, b) {
  if (a.m === 0n) return b;
  if (b.m === 0n) return a;
  if (a.e < b.e) [a, b] = [b, a];
  if (a.e - b.e > 3 * PRECISION) return a;
  return float((a.m << BigInt(a.e - b.e)) + b.m, b.e);
}

const infinite = (...terms) => {
  const all = terms.reduce((total, term) => total + (isFinite_(term) ? 0 : term.s), 0);
  return { s: all };
};

function add(...terms) {
  if (terms.every(isFraction)) {
    return terms.reduce((a, b) => fractionOf(a.n * b.d + b.n * a.d, a.d * b.d), ZERO);
  }
  if (!terms.every(isFinite_)) return infinite(...terms);
  const all = terms.map(rounded);
  const total = all.reduce(sum);
  if (total.m === 0n || !isFinite_(total)) return total;
  const most = Math.max(...all.map((term) => (term.m ? bits(term.m) + term.e : -Infinity)));
  return bits(total.m) + total.e < most - NOISE ? { m: 0n, e: 0 } : total;
}

const fractionOf = (n, d) => {
  const found = fraction(n, d);
  return isFraction(found) ? found : { n, d };
};

const neg = (x) => (isFraction(x) ? { n: -x.n, d: x.d } : isFinite_(x) ? { m: -x.m, e: x.e } : { s: -x.s });
const sub = (a, b) => add(a, neg(b));
const sign = (x) => (isFinite_(x) ? Number((isFraction(x) ? x.n : x.m) > 0n) - Number((isFraction(x) ? x.n : x.m) < 0n) : Math.sign(x.s));
const above = (x, y) => sign(isFinite_(x) && isFinite_(y) ? sub(x, y) : { s: double(x) - double(y) }) > 0;

function mul(...factors) {
  if (factors.every(isFraction)) {
    return fraction(factors.reduce((n, x) => n * x.n, 1n), factors.reduce((d, x) => d * x.d, 1n));
  }
  if (!factors.every(isFinite_)) return { s: factors.reduce((s, x) => s * (isFinite_(x) ? sign(x) : x.s), 1) };
  if (factors.some((x) => isFraction(x) && isZero(x))) return ZERO;
  return factors.map(rounded).reduce((a, b) => (isFinite_(a) ? float(a.m * b.m, a.e + b.e) : { s: a.s * sign(b) }));
}

function div(a, b) {
  if (isFinite_(b) && isZero(b)) {
    if (isUndefined(a) || (isFinite_(a) && isZero(a))) return NAN;
    return sign(a) > 0 ? INFINITE : BELOW;
  }
  if (!isFinite_(a) || !isFinite_(b)) {
    if (isFinite_(a)) return isUndefined(b) ? NAN : isFraction(a) && isZero(a) ? ZERO : { m: 0n, e: 0 };
    return { s: a.s / (isFinite_(b) ? sign(b) : b.s) };
  }
  if (isFraction(a) && isFraction(b)) return b.n > 0n ? fraction(a.n * b.d, a.d * b.n) : fraction(-a.n * b.d, -a.d * b.n);
  if (isFraction(a) && isZero(a)) return ZERO;
  const [x, y] = [rounded(a), rounded(b)];
  if (x.m === 0n) return x;
  const by = PRECISION + 8 + bits(y.m) - bits(x.m);
  return float(by >= 0 ? (x.m << BigInt(by)) / y.m : x.m / (y.m << BigInt(-by)), x.e - y.e - by);
}

function sqrt(x) {
  if (isUndefined(x) || sign(x) < 0) return NAN;
  if (!isFinite_(x) || isZero(x)) return x;
  if (isFraction(x)) {
    const [n, d] = [root(x.n), root(x.d)];
    if (n * n === x.n && d * d === x.d) return { n, d };
  }
  let { m, e } = rounded(x);
  const by = 2 * PRECISION - bits(m) + ((bits(m) + e) & 1 ? 1 : 0);
  const even = by + ((e - by) & 1);
  return float(root(shifted(m, even)), (e - even) / 2);
}

function root(n) {
  if (n < 2n) return n;
  let x = 1n << BigInt((bits(n) + 1) >> 1);
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

// Fixed point for the series: WIDE bits behind the point.

const WIDE = PRECISION + 48;
const UNIT = 1n << BigInt(WIDE);
const fixed = (x) => shifted(rounded(x).m, rounded(x).e + WIDE);
const product = (a, b) => (a * b) >> BigInt(WIDE);

/** A sum whose term number n is the one before times `factor`(n), in fixed point. */
function series(first, factor) {
  let total = first;
  for (let term = first, n = 1; term !== 0n && term !== -1n; n++) total += term = factor(term, n);
  return total;
}

const inverseTangent = (k, flip) => {
  let total = 0n;
  for (let power = UNIT / k, n = 1n, s = 1n; power !== 0n; power /= k * k, n += 2n, s *= flip) total += (s * power) / n;
  return total;
};
const LN2 = 2n * inverseTangent(3n, 1n);
const PI = 16n * inverseTangent(5n, -1n) - 4n * inverseTangent(239n, -1n);

function exp(x) {
  if (!isFinite_(x)) return x.s < 0 ? { m: 0n, e: 0 } : x;
  if (isZero(x)) return isFraction(x) ? ONE : { m: 1n, e: 0 };
  const near = double(x);
  if (near > 720) return INFINITE;
  if (near < -1100) return { m: 0n, e: 0 };
  const at = fixed(x), turns = at / LN2, rest = (at - turns * LN2) >> 8n;
  let power = UNIT + series(rest, (term, n) => product(term, rest) / BigInt(n + 1));
  for (let n = 0; n < 8; n++) power = product(power, power);
  return float(power, Number(turns) - WIDE);
}

/** ln(1 + x) of a small x: 2 artanh(x / (2 + x)), term by term in floating point. */
function near1(x) {
  const z = div(x, add(TWO, x)), square = mul(z, z);
  let total = z, power = z;
  for (let n = 3n; n < 20n; n += 2n) total = add(total, div((power = mul(power, square)), { n, d: 1n }));
  return mul(TWO, rounded(total));
}

const isSmall = (x) => isFinite_(x) && (isZero(x) || bits(rounded(x).m) + rounded(x).e < CLOSE);

function ln(x) {
  if (isUndefined(x) || sign(x) < 0) return NAN;
  if (!isFinite_(x)) return x;
  if (isZero(x)) return BELOW;
  const less = sub(x, ONE);
  if (isZero(less)) return isFraction(x) ? ZERO : { m: 0n, e: 0 };
  if (isSmall(less)) return near1(less);
  const { m, e } = rounded(x);
  const turns = bits(m) + e, y = { m, e: e - turns };
  let found = number(Math.log(double(y)).toString());
  for (let n = 0; n < 2; n++) {
    const power = exp(found);
    found = add(found, mul(TWO, div(sub(y, power), add(y, power))));
  }
  return sum(rounded(found), float(BigInt(turns) * LN2, -WIDE));
}

const log1p = (x) => (isFinite_(x) && isZero(x) ? x : isSmall(x) ? near1(x) : ln(add(ONE, x)));

function expm1(x) {
  if (!isSmall(x)) return sub(exp(x), ONE);
  if (isZero(x)) return x;
  let total = rounded(x), term = total;
  for (let n = 2n; n < 10n; n++) total = add(total, (term = div(mul(term, x), { n, d: 1n })));
  return total;
}

function log_sum_exp(...terms) {
  const top = terms.length ? max(...terms) : BELOW;
  return isFinite_(top) ? add(top, ln(add(...terms.map((term) => exp(sub(term, top)))))) : top;
}

function pow(x, y) {
  if (isFinite_(y) && isZero(y)) return ONE;
  if (!isFinite_(x) || !isFinite_(y)) return { s: double(x) ** double(y) };
  if (isZero(x)) return sign(y) > 0 ? x : INFINITE;
  if (isFraction(y) && y.d === 2n && y.n === 1n) return sqrt(x);
  if (!isFraction(y) || y.d !== 1n || size(y.n) > 4096n) return sign(x) < 0 ? NAN : exp(rounded(mul(y, ln(x))));
  let power = ONE, base = y.n < 0n ? div(ONE, x) : x;
  for (let n = size(y.n); n; n >>= 1n, base = mul(base, base)) if (n & 1n) power = mul(power, base);
  return power;
}

function tanh(x) {
  if (isUndefined(x) || (isFinite_(x) && isZero(x))) return x;
  if (Math.abs(double(x)) > 80) return { m: BigInt(sign(x)), e: 0 };
  const power = expm1(mul(TWO, x));
  return div(power, add(power, TWO));
}

function arctan(x) {
  if (isUndefined(x) || (isFinite_(x) && isZero(x))) return x;
  if (!isFinite_(x)) return float(PI * BigInt(sign(x)), -WIDE - 1);
  if (above(abs(x), ONE)) return sub(float(PI * BigInt(sign(x)), -WIDE - 1), arctan(div(ONE, x)));
  let half = rounded(x);
  for (let n = 0; n < 4; n++) half = div(half, add(ONE, sqrt(add(ONE, mul(half, half)))));
  const square = mul(half, half);
  let total = half, power = half;
  for (let n = 3n, s = -1n; n < 60n; n += 2n, s = -s) total = add(total, div((power = mul(power, square)), { n: s * n, d: 1n }));
  return mul({ n: 16n, d: 1n }, total);
}

/** Sine and cosine, by their series, after whole turns are taken off. */
function turned(x) {
  const at = fixed(x), turn = 2n * PI, angle = at - turn * ((2n * at + turn) / (2n * turn) - (2n * at + turn < 0n ? 1n : 0n));
  const square = -product(angle, angle);
  return [
    float(series(angle, (term, n) => product(term, square) / BigInt(2 * n * (2 * n + 1))), -WIDE),
    float(series(UNIT, (term, n) => product(term, square) / BigInt(2 * n * (2 * n - 1))), -WIDE),
  ];
}

const sin = (x) => (!isFinite_(x) ? NAN : isZero(x) ? x : turned(x)[0]);
const cos = (x) => (!isFinite_(x) ? NAN : isZero(x) ? ONE : turned(x)[1]);
const tan = (x) => (!isFinite_(x) ? NAN : isZero(x) ? x : div(...turned(x)));
const abs = (x) => (sign(x) < 0 ? neg(x) : isFraction(x) ? { n: x.n, d: x.d } : x);
const undefined_ = (terms) => terms.find(isUndefined);
const max = (...terms) => undefined_(terms) || terms.reduce((a, b) => (above(b, a) ? b : a));
const min = (...terms) => neg(max(...terms.map(neg)));
const isNothing = (x) => isFinite_(x) && isZero(x);
const xlogy = (t, o) => (isNothing(t) && (isNothing(o) || sign(o) > 0) ? ZERO : mul(t, ln(o)));
const xdivy = (t, o) => (isNothing(t) && !isUndefined(o) ? ZERO : div(t, o));
const xtimes = (t, z) => (isNothing(t) ? ZERO : mul(t, z));
const if_positive = (z, then, otherwise) => (isUndefined(z) ? z : sign(z) > 0 ? then : otherwise);
const if_at_least_zero = (z, then, otherwise) => (isUndefined(z) ? z : sign(z) >= 0 ? then : otherwise);

// Digits, as digits.py shows them.

/** Above and below of a finite number, above without its sign; what has been rounded is moved by a unit of its last
 * place away from zero, so that a tie, which binary digits seldom hit, rounds up. */
function ratio(x) {
  if (isFraction(x)) return [size(x.n), x.d];
  const m = (size(x.m) << BigInt(NUDGE)) + size(x.m), e = x.e - NUDGE;
  return e >= 0 ? [m << BigInt(e), 1n] : [m, 1n << BigInt(-e)];
}

const ten = (n) => 10n ** BigInt(n);

/** The power of ten of the first digit of n / d. */
function adjusted(n, d) {
  let at = Math.floor((bits(n) - bits(d)) * Math.LOG10E * Math.LN2) - 1;
  while (at >= 0 ? n >= d * ten(at + 1) : n * ten(-at - 1) >= d) at++;
  return at;
}

/** n / d to the place 10^place, half up, in units of it. */
const halfUp = (n, d, place) => (place >= 0 ? (2n * n + d * ten(place)) / (2n * d * ten(place)) : (2n * n * ten(-place) + d) / (2n * d));

/** A value as {text, whole}: its digits in ASCII as the page shows them, `exact` if nothing was lost in its line; whether they are all of it. */
function shown(x, digits, exact) {
  if (x.text) return { text: x.text, whole: true };
  const [n, d] = ratio(x);
  if (n === 0n) return { text: "0", whole: isFraction(x) };
  const { decimals, significant } = digits, at = adjusted(n, d), minus = sign(x) < 0 ? "-" : "";
  let place = -decimals, plain = false;
  if (decimals !== null && decimals <= 9 && at < 6) plain = halfUp(n, d, place) !== 0n;
  if (!plain && (decimals === null || 2n * n * ten(decimals) < d)) {
    place = at - (significant || Math.max(1, decimals || 0)) + 1;
  } else if (!plain && at >= 16) place = at - decimals;
  const units = halfUp(n, d, place), all = units.toString();
  const whole = isFraction(x) && (place >= 0 ? units * ten(place) * d === n : units * d === n * ten(-place));
  const first = all.length - 1 + place;
  let text;
  if (plain || (first > -8 && first < 16)) {
    const padded = place > 0 ? all + "0".repeat(place) : all.padStart(1 - place, "0");
    text = place < 0 ? `${padded.slice(0, place)}.${padded.slice(place)}` : padded;
  } else text = `${all[0]}${all.length > 1 ? "." + all.slice(1) : ""}e${first}`;
  return { text: minus + (exact && whole ? shortened(text) : text), whole };
}

/** A number in ASCII without the zeros at its end that say nothing. */
function shortened(text) {
  const [digits, power] = text.split("e");
  return (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits) + (power === undefined ? "" : "e" + power);
}

/** Whether all of a fraction is shown. */
function isWhole(x, digits) {
  if (!isFinite_(x) || !isFraction(x)) return false;
  const [n, d] = ratio(x);
  if (x.text || n === 0n) return true;
  if (digits.decimals !== null && n < d * ten(16)) return ten(digits.decimals) % d === 0n;
  return shown(x, digits, false).whole;
}

/** Whether a line has lost nothing, as hand.py has it: it and what it comes from are shown in full, or it is a 0 that is made. */
function lasts(page, v, slot) {
  const n = slot - page.given.length, whole = (at) => isWhole(v[at], page.digits);
  if (!whole(slot) || !page.sources[n]) return whole(slot);
  if (page.sources[n].every(whole)) return true;
  const zero = (at) => isNothing(v[at]), needs = page.needs[n];
  return zero(slot) && { every: needs.every(zero), some: needs.some(zero), none: true, never: false }[page.vanishing[n]];
}
