/** What the interpreter has beside `OTHER_OPERATOR_NAMES`: told apart from other operators before any of them is loaded. */
export const FIRST_OPERATOR_NAMES: ReadonlySet<string> = new Set(
  `
    Abs Ceil Concat Elu Erf Exp Floor Gelu HardSigmoid IsInf IsNaN LeakyRelu Log Neg Not Reciprocal Relu Round Selu
    Sigmoid Sign Softplus Softsign Sqrt Tanh ai.onnx.ml:CategoryMapper ai.onnx.ml:LabelEncoder
    ai.onnx.ml:OneHotEncoder ai.onnx.ml:TreeEnsembleClassifier ai.onnx.ml:TreeEnsembleRegressor
  `
    .trim()
    .split(/\s+/),
);
