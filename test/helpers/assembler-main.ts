import type { AssemblerAnswer, AssemblerRequest } from './assembler.ts';

/** The process that synthesises for all test files of a run: `assembler.ts`. The CDK is loaded when it is first asked. */

const assembleFor = async (request: AssemblerRequest): Promise<string> => {
  const { assemble, assembleModels } = await import('./assemble.ts');
  return 'models' in request ? assembleModels(request.models, request.bundles) : assemble(request);
};

const answerTo = async (request: AssemblerRequest): Promise<AssemblerAnswer> => {
  try {
    return { folder: await assembleFor(request) };
  } catch (error) {
    const { name, message } = error as Error;
    return { error: { name, message } };
  }
};

process.on('message', ({ id, request }: { readonly id: number; readonly request: AssemblerRequest }) => {
  void answerTo(request).then((answer) => process.send?.({ id, answer }));
});
// Nobody waits for an assembly any more when the run is over.
process.on('disconnect', () => process.exit());
