/** What `other-operators.ts` has: a graph that needs onnxruntime is known by its operators' names, before any of that is loaded. */
export const OTHER_OPERATOR_NAMES: ReadonlySet<string> = new Set(
  `
    Add And ArgMax ArgMin BatchNormalization Cast CastLike Clip Constant ConstantOfShape CumSum Div Dropout
    Equal Expand Flatten Gather Gemm Greater GreaterOrEqual Hardmax Identity LayerNormalization Less LessOrEqual
    LogSoftmax MatMul Max Min Mul Or Pow ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean
    ReduceMin ReduceProd ReduceSum ReduceSumSquare Reshape Shape Size Slice Softmax Split Squeeze Sub Tile TopK
    Transpose Unsqueeze Where Xor ai.onnx.ml:ArrayFeatureExtractor ai.onnx.ml:Binarizer
    ai.onnx.ml:FeatureVectorizer ai.onnx.ml:Imputer ai.onnx.ml:LinearClassifier ai.onnx.ml:LinearRegressor
    ai.onnx.ml:Normalizer ai.onnx.ml:Scaler ai.onnx.ml:ZipMap
  `
    .trim()
    .split(/\s+/),
);
