import { InvalidRequestError } from '../../../kernel/errors.ts';

/**
 * Reads MLflow's requests: protobuf in JSON with snake_case names. A 64-bit integer may come as number or text, a double
 * as number or text ("NaN", "Infinity"), an enum as name or number; unknown fields are ignored, null is absent. Of a GET
 * every value is text. The wording of the errors is what MLflow's own tests look for.
 */

const SUFFIX = ' See the API docs for more information about request parameters.';

export const missingParameter = (name: string): InvalidRequestError =>
  new InvalidRequestError(`Missing value for required parameter '${name}'.${SUFFIX}`);

export const invalidParameter = (name: string, value: unknown): InvalidRequestError => {
  const shown = JSON.stringify(value) ?? 'null';
  const short = shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
  return new InvalidRequestError(`Invalid value ${short} for parameter '${name}' supplied.${SUFFIX}`);
};

type Source = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Source =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const integerOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string' || !/^[+-]?\d{1,19}$/.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
};

const SPELLED: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

const doubleOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  if (Object.hasOwn(SPELLED, value)) return SPELLED[value];
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
};

/** In a query Python's clients write `True` and `False`. */
const booleanOf = (value: unknown): boolean | undefined => {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'True') return true;
  return value === 'false' || value === 'False' ? false : undefined;
};

/** The fields of one message. */
export class Fields {
  private readonly source: Source;
  /** Where the message stands in the request, such as `metrics[2].`. */
  private readonly path: string;

  constructor(source: unknown, path = '') {
    if (!isObject(source)) throw invalidParameter(path.replace(/\.$/, '') || 'request', source);
    this.source = source;
    this.path = path;
  }

  private read<T>(name: string, decode: (value: unknown) => T | undefined): T | undefined {
    const value = Object.hasOwn(this.source, name) ? this.source[name] : undefined;
    if (value === undefined || value === null) return undefined;
    const decoded = decode(value);
    if (decoded === undefined) throw invalidParameter(`${this.path}${name}`, value);
    return decoded;
  }

  private require<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw missingParameter(`${this.path}${name}`);
    return value;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.source, name) && this.source[name] !== undefined && this.source[name] !== null;
  }

  text(name: string): string | undefined {
    return this.read(name, (value) => (typeof value === 'string' ? value : undefined));
  }

  /** Present and not empty. */
  requiredText(name: string): string {
    const value = this.text(name);
    return this.require(name, value === '' ? undefined : value);
  }

  integer(name: string): number | undefined {
    return this.read(name, integerOf);
  }

  requiredInteger(name: string): number {
    return this.require(name, this.integer(name));
  }

  /** NaN and infinities included. */
  double(name: string): number | undefined {
    return this.read(name, doubleOf);
  }

  requiredDouble(name: string): number {
    return this.require(name, this.double(name));
  }

  boolean(name: string): boolean | undefined {
    return this.read(name, booleanOf);
  }

  /** The name of an enum's value, given by name or by its number; an unknown one is as good as absent (as in MLflow). */
  choice<T extends string>(name: string, numbers: Readonly<Record<T, number>>): T | undefined {
    const value = this.source[name];
    const names = Object.keys(numbers) as T[];
    return names.find((known) => known === value || numbers[known] === integerOf(value));
  }

  object(name: string): Fields | undefined {
    return this.read(name, (value) => (isObject(value) ? new Fields(value, `${this.path}${name}.`) : undefined));
  }

  /** A repeated message; absent is empty. */
  objects(name: string): readonly Fields[] {
    const values = this.read(name, (value) => (Array.isArray(value) && value.every(isObject) ? value : undefined));
    return (values ?? []).map((value, index) => new Fields(value, `${this.path}${name}[${index}].`));
  }

  /** Repeated text; of a GET one value or several. Absent is empty. */
  texts(name: string): readonly string[] {
    const one = (value: unknown): string | undefined =>
      typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
    const values = this.read(name, (value) => {
      const list = (Array.isArray(value) ? value : [value]).map(one);
      return list.every((text) => text !== undefined) ? list : undefined;
    });
    return values ?? [];
  }

  /** A map of text to text; absent is empty. */
  textByKey(name: string): Readonly<Record<string, string>> {
    const isTextMap = (value: unknown): value is Readonly<Record<string, string>> =>
      isObject(value) && Object.values(value).every((text) => typeof text === 'string');
    return this.read(name, (value) => (isTextMap(value) ? value : undefined)) ?? {};
  }
}
