import fc from 'fast-check';

/**
 * fast-check with one seed for all: a run that fails fails again. Other cases are tried with `FC_SEED=<integer>`, by
 * whoever looks for some.
 */
const DEFAULT_SEED = 2001;

const given = process.env.FC_SEED;
const seed = given === undefined ? DEFAULT_SEED : Number(given);
if (!Number.isInteger(seed)) throw new Error(`FC_SEED must be an integer, got ${JSON.stringify(given)}`);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });

export { fc };
