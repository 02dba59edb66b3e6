export { numpySum } from './numpy-sum.ts';
export { parsePythonJson } from './parse-python-json.ts';
export { pythonExp, pythonLog } from './python-exp.ts';
export { floatRepr, formatFixed, PythonFloat, pythonFloat } from './python-float.ts';
export { formatFields, percentFormat, pythonFormat } from './python-format.ts';
export { compareCodePoints, jsonFloat, jsonString, pythonJson, type PythonJsonOptions } from './python-json.ts';
export { parsePythonLiteral } from './python-literal.ts';
export { PythonRandom } from './python-random.ts';
export { type PythonMatch, pythonRegex, type PythonRegex, pythonRegexEscape } from './python-regex.ts';
export { pythonRepr, pythonStr, stringRepr } from './python-repr.ts';
export { pythonStrMethod, replaceText, type StrMethod } from './python-str-methods.ts';
export {
  isPythonSpace,
  jinjaTitle,
  pythonCapitalize,
  pythonTitle,
  PYTHON_PUNCTUATION,
  PYTHON_SPACE,
  pythonLength,
  pythonLstrip,
  pythonRstrip,
  pythonSplit,
  pythonStrip,
} from './python-text.ts';
export { dictEntries, isPlainDict, isPythonList, orderedDict, PythonTuple, type PythonValue } from './python-value.ts';
