import { withServices } from '../../shared/adapters/ecs/with-services.ts';
import { createLambdaClient, createServingFunctions } from '../../shared/adapters/lambda/serving-functions.ts';
import { createHandler } from './handler.ts';

export const handler = createHandler({
  functions: withServices(createServingFunctions(createLambdaClient())),
});
