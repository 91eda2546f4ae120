import type { OnnxModel } from './onnx-model.ts';

/** The first release of ONNX that has each version: https://github.com/onnx/onnx/blob/main/docs/Versioning.md. */
const RELEASES = [
  { release: '1.0', irVersion: 3, opset: 1, mlOpset: 1 },
  { release: '1.1', irVersion: 3, opset: 5, mlOpset: 1 },
  { release: '1.1.2', irVersion: 3, opset: 6, mlOpset: 1 },
  { release: '1.2', irVersion: 3, opset: 7, mlOpset: 1 },
  { release: '1.3', irVersion: 3, opset: 8, mlOpset: 1 },
  { release: '1.4.1', irVersion: 4, opset: 9, mlOpset: 1 },
  { release: '1.5.0', irVersion: 5, opset: 10, mlOpset: 1 },
  { release: '1.6.0', irVersion: 6, opset: 11, mlOpset: 2 },
  { release: '1.7.0', irVersion: 7, opset: 12, mlOpset: 2 },
  { release: '1.8.0', irVersion: 7, opset: 13, mlOpset: 2 },
  { release: '1.9.0', irVersion: 7, opset: 14, mlOpset: 2 },
  { release: '1.10.0', irVersion: 8, opset: 15, mlOpset: 2 },
  { release: '1.11.0', irVersion: 8, opset: 16, mlOpset: 3 },
  { release: '1.12.0', irVersion: 8, opset: 17, mlOpset: 3 },
  { release: '1.13.0', irVersion: 8, opset: 18, mlOpset: 3 },
  { release: '1.14.0', irVersion: 9, opset: 19, mlOpset: 3 },
  { release: '1.15.0', irVersion: 9, opset: 20, mlOpset: 4 },
  { release: '1.16.0', irVersion: 10, opset: 21, mlOpset: 5 },
  { release: '1.17.0', irVersion: 10, opset: 22, mlOpset: 5 },
  { release: '1.18.0', irVersion: 11, opset: 23, mlOpset: 5 },
  { release: '1.19.0', irVersion: 12, opset: 24, mlOpset: 5 },
  { release: '1.20.0', irVersion: 13, opset: 25, mlOpset: 5 },
  { release: '1.21.0', irVersion: 13, opset: 26, mlOpset: 5 },
  { release: '1.22.0', irVersion: 13, opset: 27, mlOpset: 5 },
  { release: '1.23.0', irVersion: 14, opset: 28, mlOpset: 5 },
] as const;

/** The first release of ONNX that can read a model; the newest known one for a model beyond it. */
export const onnxRelease = ({ irVersion, opsets }: Pick<OnnxModel, 'irVersion' | 'opsets'>): string => {
  const fits = RELEASES.find(
    (known) =>
      irVersion <= known.irVersion &&
      (opsets.get('') ?? 0) <= known.opset &&
      (opsets.get('ai.onnx.ml') ?? 0) <= known.mlOpset,
  );
  return (fits ?? RELEASES[RELEASES.length - 1] ?? RELEASES[0]).release;
};
