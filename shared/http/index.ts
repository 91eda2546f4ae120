export * from './api-gateway.ts';
export * from './failure.ts';
export * from './guarded-post.ts';
export * from './json-body.ts';
export * from './message.ts';
export * from './router.ts';
export * from './sign-webhook.ts';
