import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')

/** The package's entries; `./components` has Vue files, whose props and events are read at run time. */
const ENTRIES = {
  '.': 'composables/index.ts',
  './core': 'src/index.ts',
  './testing': 'testing/index.ts',
  './testing/source': 'testing/source.ts',
}

describe('the public API of', () => {
  const program = createProgram(Object.values(ENTRIES))

  it.each(Object.entries(ENTRIES))('%s is the one in its snapshot', async (entry, file) => {
    const name = entry === '.' ? 'index' : entry.slice(2).replace('/', '-')
    await expect(describeExports(program, file)).toMatchFileSnapshot(`publicApi/${name}.txt`)
  })

  it('./components is the one in its snapshot', async () => {
    const components: object = await import('../components/index.js')
    const text = Object.entries(components).sort().map(describeComponent).join('')
    await expect(text).toMatchFileSnapshot('publicApi/components.txt')
  })

  it('has an entry for each that package.json names', () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const code = Object.keys(exports).filter((entry) => !/\.(css|json)$/.test(entry))
    expect(code.sort()).toEqual([...Object.keys(ENTRIES), './components'].sort())
  })
})

function createProgram(files: string[]): ts.Program {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT)
  return ts.createProgram(
    files.map((file) => join(ROOT, file)),
    { ...options, noEmit: true },
  )
}

/** Every export of a file, in the words of its declaration: signatures, and members of interfaces and classes. */
function describeExports(program: ts.Program, file: string): string {
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(ROOT, file))!)!
  return checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((symbol) => describeSymbol(checker, symbol))
    .join('')
}

function describeSymbol(checker: ts.TypeChecker, symbol: ts.Symbol): string {
  const [declaration] = symbol.declarations!
  if (ts.isTypeAliasDeclaration(declaration!)) {
    return `type ${symbol.name}${parameters(declaration)} = ${inOneLine(declaration.type)}\n`
  }
  if (ts.isInterfaceDeclaration(declaration!) || ts.isClassDeclaration(declaration!)) {
    const kind = ts.isClassDeclaration(declaration) ? 'class' : 'interface'
    const inherited = declaration.heritageClauses?.map((clause) => ` ${inOneLine(clause)}`).join('') ?? ''
    const members = checker
      .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
      .filter((member) => !isPrivate(member) && isDeclaredIn(member, declaration))
      .map((member) => `  ${describeMember(checker, member)}\n`)
    return `${kind} ${symbol.name}${parameters(declaration)}${inherited}\n${members.join('')}`
  }
  const signatures = checker.getTypeOfSymbol(symbol).getCallSignatures()
  if (signatures.length === 0) return `const ${symbol.name}: ${typeOf(checker, symbol)}\n`
  return signatures.map((each) => `function ${symbol.name}${signatureOf(checker, each)}\n`).join('')
}

/** `#private`, or named by a symbol, whose name would have a number that changes. */
function isPrivate({ name, valueDeclaration }: ts.Symbol): boolean {
  return name.startsWith('__') || ts.isPrivateIdentifier((valueDeclaration as ts.PropertyDeclaration).name)
}

function isDeclaredIn({ declarations }: ts.Symbol, parent: ts.Node): boolean {
  return declarations?.some((each) => each.parent === parent) ?? false
}

function describeMember(checker: ts.TypeChecker, member: ts.Symbol): string {
  const optional = member.flags & ts.SymbolFlags.Optional ? '?' : ''
  const [signature] = member.flags & ts.SymbolFlags.Method ? callsOf(checker, member) : []
  return `${member.name}${optional}${signature ? signatureOf(checker, signature) : `: ${typeOf(checker, member)}`}`
}

function callsOf(checker: ts.TypeChecker, symbol: ts.Symbol) {
  return checker.getTypeOfSymbol(symbol).getCallSignatures()
}

/** As it is written, where it is: a union that a name stands for would be long, and its order is the compiler's. */
function typeOf(checker: ts.TypeChecker, symbol: ts.Symbol): string {
  const node = symbol.valueDeclaration as { type?: ts.TypeNode; initializer?: ts.Expression } | undefined
  if (node?.type) return inOneLine(node.type)
  if (node?.initializer) return inOneLine(node.initializer)
  return checker.typeToString(checker.getTypeOfSymbol(symbol), undefined, ts.TypeFormatFlags.NoTruncation)
}

function signatureOf(checker: ts.TypeChecker, signature: ts.Signature): string {
  const { declaration } = signature
  const generic = declaration && ts.isFunctionLike(declaration) ? parameters(declaration) : ''
  const given = signature.parameters.map((parameter) => {
    const node = parameter.valueDeclaration as ts.ParameterDeclaration
    const optional = (node.questionToken ?? node.initializer) ? '?' : ''
    const type = node.type ?? null
    return `${parameter.name}${optional}: ${type ? inOneLine(type) : typeOf(checker, parameter)}`
  })
  const returned = declaration?.type
    ? inOneLine(declaration.type as ts.TypeNode)
    : checker.typeToString(signature.getReturnType(), undefined, ts.TypeFormatFlags.NoTruncation)
  return `${generic}(${given.join(', ')}): ${returned}`
}

function parameters({
  typeParameters,
}: {
  typeParameters?: ts.NodeArray<ts.TypeParameterDeclaration>
}): string {
  return typeParameters?.length ? `<${typeParameters.map(inOneLine).join(', ')}>` : ''
}

function inOneLine(node: ts.Node): string {
  return node
    .getText()
    .replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim()
}

interface RuntimeComponent {
  props?: Record<string, { required?: boolean }>
  emits?: string[]
}

function describeComponent([name, value]: [string, RuntimeComponent | (() => unknown)]): string {
  if (typeof value === 'function') return `function ${name}\n`
  const props = Object.entries(value.props ?? {}).map(
    ([prop, { required }]) => `  ${prop}${required ? '' : '?'}\n`,
  )
  const events = (value.emits ?? []).map((event) => `  @${event}\n`)
  return `component ${name}\n${[...props, ...events].join('')}`
}
