package dev.isomorph.importers.python.syntax;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParserTest {
  private static List<Stmt> parse(String text) {
    return Parser.parseFile(new SourceFile("model.py", text), Limits.defaults());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          x = (1 +        | model.py:1:5  | '(' was never closed
          x = 1 +         | model.py:1:8  | expected an expression, found end of line
          f(a=1, 2)       | model.py:1:8  | positional argument follows keyword argument
          def f(a, a): 0  | model.py:1:10 | duplicate parameter 'a'
          f() = 3         | model.py:1:1  | cannot assign to function call
          x = 'abc        | model.py:1:5  | unterminated string literal
          x = f'{a'       | model.py:1:9  | unterminated string literal
          if x            | model.py:1:5  | expected ':', found end of line
          x = 012         | model.py:1:5  | leading zeros in decimal integer literals are not permitted
          x = (]          | model.py:1:6  | closing ']' does not match opening '('
          x = $           | model.py:1:5  | invalid character '$'
          class 3: pass   | model.py:1:7  | expected a name, found '3'
          def f(a=1, b):0 | model.py:1:12 | parameter without a default follows parameter with a default
          """)
  void errorsNamePlaceAndConstruct(String text, String place, String message) {
    IsomorphException e = assertThrows(IsomorphException.class, () -> parse(text + "\n"));
    assertEquals(ErrorCode.SOURCE_SYNTAX, e.code());
    assertEquals(place, e.diagnostics().getFirst().origin());
    assertEquals(message, e.diagnostics().getFirst().message());
  }

  @Test
  void indentationErrors() {
    IsomorphException e = assertThrows(IsomorphException.class, () -> parse("if x:\n    a\n  b\n"));
    assertEquals("model.py:3:3", e.diagnostics().getFirst().origin());
    assertEquals(
        "unindent does not match any outer indentation level",
        e.diagnostics().getFirst().message());
    e = assertThrows(IsomorphException.class, () -> parse("a\n  b\n"));
    assertEquals("unexpected indent", e.diagnostics().getFirst().message());
  }

  @Test
  void deepNestingIsRefusedNotOverflowed() {
    for (String deep :
        List.of(
            "x = " + "(".repeat(100_000),
            "x = " + "-".repeat(100_000) + "1\n",
            "x = " + "not ".repeat(100_000) + "1\n",
            "x = " + "lambda: ".repeat(100_000) + "1\n",
            "x = " + "1 + ".repeat(100_000) + "1\n",
            "x = a" + ".b".repeat(100_000) + "\n",
            "x = " + "2 ** ".repeat(100_000) + "1\n",
            "x = " + "1 if 1 else ".repeat(100_000) + "1\n",
            "x = " + "f'{".repeat(100_000))) {
      IsomorphException e = assertThrows(IsomorphException.class, () -> parse(deep));
      assertEquals(ErrorCode.FORMAT_LIMIT, e.code());
    }
  }

  @Test
  void matchIsKeptAsAnUnsupportedStatementAndStaysAName() {
    List<Stmt> all =
        parse("match x:\n    case 1:\n        y\n    case _:\n        z\nmatch = 3\nmatch(x)\n");
    assertInstanceOf(Stmt.Unsupported.class, all.get(0));
    assertInstanceOf(Stmt.Assign.class, all.get(1));
    assertInstanceOf(Stmt.Expression.class, all.get(2));
    assertEquals(3, all.size());
  }

  @Test
  void encodings() {
    byte[] latin = "# -*- coding: latin-1 -*-\nx = 'é'\n".getBytes(StandardCharsets.ISO_8859_1);
    assertEquals("# -*- coding: latin-1 -*-\nx = 'é'\n", SourceFile.decode("m", latin).text());
    byte[] invalid = {'x', '=', (byte) 0xFF};
    IsomorphException e =
        assertThrows(IsomorphException.class, () -> SourceFile.decode("m.py", invalid));
    assertEquals("the source is not valid UTF-8", e.diagnostics().getFirst().message());
    assertEquals("a\nb\nc", new SourceFile("m", "a\r\nb\rc").text());
  }

  @Test
  void torchScriptCodeIsTheSameGrammar() {
    List<Stmt> all =
        parse(
            """
            class Net(Module):
              __parameters__ = ["w", ]
              __buffers__ = []
              training : bool
              conv : __torch__.torch.nn.modules.conv.___torch_mangle_0.Conv2d
              def forward(self: __torch__.Net,
                x: Tensor) -> Tensor:
                _0 = torch.conv2d(x, (self.conv).weight, None, [1, 1], annotate(List[int], []))
                a, b, = torch.chunk(_0, 2, 1)
                if torch.gt(1, inf):
                  pass
                else:
                  pass
                return (a)[0]
            """);
    assertEquals(5, ((Stmt.ClassDefinition) all.getFirst()).body().size());
  }
}
