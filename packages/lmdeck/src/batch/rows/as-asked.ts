import { createRequest, type JsonObject, type Model, type ModelRequest } from '../../core/index.ts';

/**
 * The request as the model records it, with the options that its calls start from and values as it takes them (`"0"` as 0): only so it has the
 * request key that is on the tape. What the model refuses stays as it is, for asking to tell.
 */
export function asAsked(
  request: ModelRequest,
  { defaultOptions, options }: Pick<Model, 'options'> & { readonly defaultOptions?: JsonObject | undefined },
): ModelRequest {
  const merged = { ...defaultOptions, ...request.options };
  if (Object.keys(merged).length === 0) return request;
  const checked = options?.['~standard'].validate(merged);
  return createRequest({ ...request, options: checked === undefined || checked.issues !== undefined ? merged : checked.value });
}
