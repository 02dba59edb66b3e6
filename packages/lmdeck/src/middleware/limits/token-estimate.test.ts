import { expect, test } from 'vitest';
import { createRequest, user, type JsonObject } from '../../core/index.ts';
import { roughTokens, TokenEstimate } from './token-estimate.ts';

const request = (text: string, options: JsonObject = {}, samples = 1) => createRequest({ messages: [user(text)], options, samples });

test('the input by its characters, and what answers teach about it', () => {
  const estimate = new TokenEstimate();
  const asked = request('x'.repeat(4000));
  const rough = roughTokens(asked);
  expect(estimate.input(rough)).toBe(1007);
  expect(estimate.leastInput(rough)).toBe(503);
  for (let i = 0; i < 50; i++) estimate.learn(asked, rough, { inputTokens: 2000, outputTokens: 10 });
  expect(estimate.input(rough)).toBeGreaterThan(1900);
  expect(estimate.input(rough)).toBeLessThan(2100);
});

test('everything that is sent counts', () => {
  const plain = roughTokens(request('hi'));
  const tool = { name: 'look', description: 'x'.repeat(400), parameters: { type: 'object' } };
  expect(roughTokens(createRequest({ messages: [user('hi')], tools: [tool] }))).toBeGreaterThan(plain + 100);
  expect(roughTokens(createRequest({ messages: [user('hi')], schema: { description: 'x'.repeat(400) } }))).toBeGreaterThan(plain + 100);
  expect(roughTokens(createRequest({ messages: [user('hi', [{ type: 'attachment', mediaType: 'image/png', data: '' }])] }))).toBe(
    plain + 800,
  );
  expect(roughTokens(createRequest({ messages: [{ role: 'raw', parts: [{ type: 'tokens', ids: [1, 2, 3] }] }] }))).toBe(10);
  expect(roughTokens(createRequest({ messages: [user('hi')], continuation: 'x'.repeat(400) }))).toBe(plain + 100);
});

test('the output by what answers were, and never the whole maxTokens for nothing', () => {
  const estimate = new TokenEstimate();
  expect(estimate.output(request('hi'))).toBe(512);
  expect(estimate.output(request('hi', { maxTokens: 100_000 }))).toBe(512);
  expect(estimate.output(request('hi', { maxTokens: 20 }, 3))).toBe(60);
  for (let i = 0; i < 50; i++) estimate.learn(request('hi', {}, 2), 10, { outputTokens: 200 });
  expect(estimate.output(request('hi', { maxTokens: 100_000 }))).toBe(100);
  expect(estimate.output(createRequest({ messages: [user('hi')], continuation: 'there' }))).toBe(0);
});
