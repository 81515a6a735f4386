package dev.isomorph.verifier.report;

import dev.isomorph.verifier.Verdict;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Verdicts as JUnit's XML, as CI servers read it: a suite per target, a case per check of an
 * output, one for the node by node test and one for the verdict as a whole.
 */
public final class JunitReport {
  private JunitReport() {}

  /**
   * {@return the document}
   *
   * @param title what was compared
   * @param verdicts by target
   */
  public static String of(String title, SequencedMap<String, Verdict> verdicts) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeStartElement("testsuites");
      xml.writeAttribute("name", clean("parity of " + title));
      for (Map.Entry<String, Verdict> entry : verdicts.entrySet()) {
        suite(entry.getKey(), entry.getValue(), xml);
      }
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("text in memory cannot fail", e);
    }
    return text.append('\n').toString();
  }

  private static void suite(String target, Verdict verdict, XMLStreamWriter xml)
      throws XMLStreamException {
    List<SummaryRow> rows = SummaryRow.of(verdict.rows());
    boolean local = verdict.local().nodes() > 0;
    long failures =
        rows.stream().filter(r -> !r.passed()).count()
            + (local && !verdict.local().divergent().isEmpty() ? 1 : 0)
            + (verdict.passed() ? 0 : 1);
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", clean(target));
    xml.writeAttribute("tests", String.valueOf(rows.size() + (local ? 2 : 1)));
    xml.writeAttribute("failures", String.valueOf(failures));
    for (SummaryRow row : rows) {
      String check = row.check().name().toLowerCase(Locale.ROOT);
      testCase(
          target,
          "%s of %s by %s".formatted(check, row.output(), row.engine()),
          row.passed() ? "" : row.worst().detail(),
          row.passed(),
          xml);
    }
    if (local) {
      testCase(
          target,
          "node by node",
          "%d of %d nodes differ"
              .formatted(verdict.local().divergent().size(), verdict.local().tested()),
          verdict.local().divergent().isEmpty(),
          xml);
    }
    testCase(
        target,
        "verdict",
        verdict.status() + "\n" + String.join("\n", TextReport.explanation(verdict)),
        verdict.passed(),
        xml);
    xml.writeEndElement();
  }

  private static void testCase(
      String target, String name, String message, boolean passed, XMLStreamWriter xml)
      throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", clean("isomorph." + target));
    xml.writeAttribute("name", clean(name));
    if (!passed) {
      xml.writeStartElement("failure");
      xml.writeAttribute("message", clean(message.lines().findFirst().orElse("")));
      xml.writeCharacters(clean(message));
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  /** Names come from files: what XML cannot hold at all is replaced. */
  private static String clean(String text) {
    return text.codePoints()
        .map(
            c ->
                c == '\n'
                        || c == '\t'
                        || c >= 0x20 && c < 0xD800
                        || c >= 0xE000 && c < 0xFFFE
                        || c >= 0x10000
                    ? c
                    : 0xFFFD)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
