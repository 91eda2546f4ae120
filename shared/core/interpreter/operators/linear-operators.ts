import { InvalidRequestError } from '../../../kernel/errors.ts';
import { logistic, POST_TRANSFORMS, type PostTransform, probit, transformScores } from '../scores/post-transforms.ts';
import { newValue, numbersOf, type Value } from '../value.ts';
import { multiply } from './dense-operators.ts';
import { type CompiledNode, datatypeAt, given, type OperatorNode, type Operators, wordOf } from './operator.ts';

/** Linear models of ai.onnx.ml: rows times coefficients [targets, features], plus intercepts. */

interface Rows {
  readonly numbers: ArrayLike<number>;
  readonly rowCount: number;
  readonly width: number;
}

const rowsOf = (value: Value): Rows => {
  const [first, second] = value.shape;
  if (first === undefined || value.shape.length > 2) {
    throw new InvalidRequestError(`a linear model takes [rows, features], got shape [${value.shape}]`);
  }
  // Whatever the datatype, products are of float32.
  const numbers = value.datatype === 'FP32' ? numbersOf(value) : Float32Array.from(numbersOf(value));
  return second === undefined ? { numbers, rowCount: 1, width: first } : { numbers, rowCount: first, width: second };
};

interface Weights {
  readonly coefficients: Float32Array;
  readonly intercepts: Float32Array;
  readonly targets: number;
}

const scoresOf = ({ numbers, rowCount, width }: Rows, { coefficients, intercepts, targets }: Weights): Float32Array => {
  if (coefficients.length !== width * targets) {
    throw new InvalidRequestError(`${coefficients.length} coefficients are not ${targets} times ${width} features`);
  }
  const data = new Float32Array(rowCount * targets);
  multiply(
    { data: numbers, start: 0, rowStep: width, columnStep: 1 },
    { data: coefficients, start: 0, rowStep: 1, columnStep: width },
    { rows: rowCount, inner: width, columns: targets, scale: 1 },
    { data, start: 0 },
  );
  for (let i = 0; i < data.length && intercepts.length > 0; i++) {
    data[i] = (data[i] as number) + (intercepts[i % targets] as number);
  }
  return data;
};

const transformOf = ({ attributes }: OperatorNode): PostTransform =>
  wordOf('post_transform', attributes.text('post_transform') ?? 'NONE', POST_TRANSFORMS);

/** A single score is left as it is by all but PROBIT, as onnxruntime leaves it. */
const transformRows = (scores: Float32Array, targets: number, transform: PostTransform): void => {
  if (targets === 1 && transform !== 'PROBIT') return;
  for (let start = 0; start < scores.length; start += targets) {
    const row = scores.subarray(start, start + targets);
    if (targets > 1) transformScores(row, transform);
    else row[0] = probit(row[0] as number);
  }
};

const compileRegressor = (node: OperatorNode): CompiledNode => {
  datatypeAt(node, 0, ['FP32']);
  const { attributes } = node;
  const targets = attributes.integer('targets') ?? 1;
  const coefficients = attributes.floats('coefficients');
  const intercepts = attributes.floats('intercepts');
  if (intercepts.length !== 0 && intercepts.length !== targets) {
    throw new InvalidRequestError(`intercepts must have 0 or ${targets} values, got ${intercepts.length}`);
  }
  const transform = transformOf(node);
  return {
    datatypes: ['FP32'],
    multiplications: coefficients.length,
    run: (inputs) => {
      const rows = rowsOf(given(inputs, 0));
      const data = scoresOf(rows, { coefficients, intercepts, targets });
      transformRows(data, targets, transform);
      return [{ datatype: 'FP32', shape: [rows.rowCount, targets], data }];
    },
  };
};

const bestOf = (row: Float32Array): number => {
  let best = 0;
  for (let i = 1; i < row.length; i++) if ((row[i] as number) > (row[best] as number)) best = i;
  return best;
};

/** One score for two classes: the second's is the score, the first's what is left to 1. */
const spreadScores = (scores: Float32Array, transform: PostTransform): Float32Array => {
  const both = new Float32Array(2 * scores.length);
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] as number;
    both[2 * row] = transform === 'LOGISTIC' ? logistic(-score) : 1 - score;
    both[2 * row + 1] = transform === 'LOGISTIC' ? logistic(score) : score;
  }
  return both;
};

const compileClassifier = (node: OperatorNode): CompiledNode => {
  datatypeAt(node, 0, ['FP32', 'FP64', 'INT64', 'INT32']);
  const { attributes } = node;
  const coefficients = attributes.floats('coefficients');
  const intercepts = attributes.floats('intercepts');
  const targets = intercepts.length;
  const texts = attributes.texts('classlabels_strings');
  const labels: readonly (string | bigint)[] =
    texts.length > 0 ? texts : [...attributes.bigIntegers('classlabels_ints')];
  const spreads = targets === 1 && labels.length === 2;
  if (targets < 1 || (!spreads && labels.length !== targets) || labels.length < 2) {
    throw new InvalidRequestError(`${labels.length} classes with ${targets} intercepts are not interpreted`);
  }
  const transform = transformOf(node);
  if (spreads && transform === 'PROBIT')
    throw new InvalidRequestError('PROBIT of one score for two classes is not interpreted');
  const labelDatatype = texts.length > 0 ? 'BYTES' : 'INT64';
  return {
    datatypes: [labelDatatype, 'FP32'],
    multiplications: coefficients.length,
    run: (inputs) => {
      const rows = rowsOf(given(inputs, 0));
      const scores = scoresOf(rows, { coefficients, intercepts, targets });
      const chosen = newValue(labelDatatype, [rows.rowCount]);
      for (let row = 0; row < rows.rowCount; row++) {
        const place = spreads
          ? Number((scores[row] as number) > 0)
          : bestOf(scores.subarray(row * targets, (row + 1) * targets));
        (chosen.data as unknown as (string | bigint)[])[row] = labels[place] as string | bigint;
      }
      if (!spreads) transformRows(scores, targets, transform);
      const data = spreads ? spreadScores(scores, transform) : scores;
      return [chosen, { datatype: 'FP32', shape: [rows.rowCount, labels.length], data }];
    },
  };
};

export const LINEAR_OPERATORS: Operators = {
  'ai.onnx.ml:LinearRegressor': {
    opsets: [1, 5],
    attributes: ['coefficients', 'intercepts', 'post_transform', 'targets'],
    compile: compileRegressor,
  },
  'ai.onnx.ml:LinearClassifier': {
    opsets: [1, 5],
    attributes: [
      'classlabels_ints',
      'classlabels_strings',
      'coefficients',
      'intercepts',
      'multi_class',
      'post_transform',
    ],
    compile: compileClassifier,
  },
};
