// Mistakes that the type check does not find, and what the content security policy of the page would block.
const rules = {
  eqeqeq: 'error',
  'no-cond-assign': 'error',
  'no-constant-condition': ['error', {checkLoops: false}],
  'no-dupe-else-if': 'error',
  'no-eval': 'error',
  'no-fallthrough': 'error',
  'no-implied-eval': 'error',
  'no-self-compare': 'error',
  'no-unreachable': 'error',
  'no-unused-vars': ['error', {argsIgnorePattern: '^_'}],
  'no-use-before-define': ['error', {functions: false, classes: false, variables: false}],
  'no-useless-return': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'require-atomic-updates': 'off',
};

export default [
  {ignores: ['page/vendor/', 'target/']},
  {files: ['**/*.js'], rules},
  {
    files: ['page/**/*.js'],
    rules: {
      'no-console': 'error',
      'no-alert': 'error',
      // what a user named is shown as text, never parsed
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'write', 'setHTMLUnsafe'].map(property => ({
          property,
          message: 'Use textContent.',
        })),
      ],
    },
  },
];
