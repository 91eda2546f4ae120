import { parseArgs } from 'node:util';

export interface StartArguments {
  /** Forget the kept state and begin anew. */
  readonly fresh: boolean;
  /** End after the story instead of staying up. */
  readonly once: boolean;
  readonly report?: string;
  readonly port: number;
  readonly seed: number;
  readonly flightsPerDay: number;
  readonly help: boolean;
}

export const USAGE = `npm start -- [options]

Brings the synthesised template up on the embedded cloud and tells the story of one model on real flights, in
virtual time; then the APIs stay up on 127.0.0.1 until Ctrl-C.

  --fresh               forget the kept state (.millrace/local) and begin anew
  --once                end after the story; exit status 0 only if it went whole
  --report FILE         write what was shown as JSON
  --port N              port of the endpoint (default 4566; 0 takes a free one)
  --seed N              seed of the sample of flights (default 1)
  --flights-per-day N   flights a day that ask for a prediction, 500 to 2000 (default 520)
  --help                this text
`;

const wholeNumber = (name: string, text: string, minimum: number, maximum: number): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw new TypeError(`--${name} must be a whole number from ${minimum} to ${maximum}, got ${JSON.stringify(text)}`);
};

/** @throws TypeError for an unknown option or a value that is not allowed. */
export const readArguments = (argv: readonly string[]): StartArguments => {
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: false,
    options: {
      fresh: { type: 'boolean', default: false },
      once: { type: 'boolean', default: false },
      report: { type: 'string' },
      port: { type: 'string', default: '4566' },
      seed: { type: 'string', default: '1' },
      'flights-per-day': { type: 'string', default: '520' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    fresh: values.fresh,
    once: values.once,
    ...(values.report === undefined ? {} : { report: values.report }),
    port: wholeNumber('port', values.port, 0, 65_535),
    seed: wholeNumber('seed', values.seed, 0, 2 ** 31 - 1),
    flightsPerDay: wholeNumber('flights-per-day', values['flights-per-day'], 500, 2_000),
    help: values.help,
  };
};
