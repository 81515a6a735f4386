package dev.isomorph.zoo;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Holds the direction of dependencies that {@code docs/architecture.md} draws. */
class ModuleBoundariesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.isomorph");

  /** Each module's package, and the packages of ours that it may use beside its own. */
  private static final Map<String, List<String>> ALLOWED = new LinkedHashMap<>();

  static {
    String values = "dev.isomorph.ir.tensor..";
    String errors = "dev.isomorph.ir.diagnostic..";
    String ir = "dev.isomorph.ir..";
    String formats = "dev.isomorph.formats..";
    String importers = "dev.isomorph.importers..";
    String exporters = "dev.isomorph.exporters..";
    String runtime = "dev.isomorph.runtime..";
    ALLOWED.put(ir, List.of());
    ALLOWED.put(formats, List.of(values, errors));
    ALLOWED.put(importers, List.of(formats, ir));
    ALLOWED.put(exporters, List.of(formats, ir));
    ALLOWED.put(runtime, List.of(ir));
    ALLOWED.put("dev.isomorph.gpu..", List.of(runtime, ir));
    ALLOWED.put("dev.isomorph.verifier..", List.of(ir, runtime, importers, exporters));
  }

  @Test
  void modulesUseOnlyWhatTheyMay() {
    ALLOWED.forEach(
        (module, allowed) -> {
          String[] forbidden =
              ALLOWED.keySet().stream()
                  .filter(other -> !other.equals(module) && !allowed.contains(other))
                  .toArray(String[]::new);
          noClasses()
              .that()
              .resideInAPackage(module)
              .should()
              .dependOnClassesThat(
                  com.tngtech.archunit.base.DescribedPredicate.describe(
                      "are in " + List.of(forbidden) + " outside " + allowed,
                      type ->
                          isIn(type.getPackageName(), List.of(forbidden))
                              && !isIn(type.getPackageName(), allowed)))
              .allowEmptyShould(true)
              .check(CLASSES);
        });
  }

  @Test
  void nobodyUsesTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.isomorph.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.isomorph.cli..")
        .check(CLASSES);
  }

  @Test
  void internalPackagesAreUsedByTheirOwnModuleAlone() {
    for (String module : ALLOWED.keySet()) {
      String internal = module.replace("..", "..internal..");
      noClasses()
          .that()
          .resideOutsideOfPackage(module)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(internal)
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  @Test
  void theCheckSeesTheModules() {
    for (String module : List.of("dev.isomorph.ir", "dev.isomorph.formats", "dev.isomorph.cli")) {
      assertTrue(
          CLASSES.stream().anyMatch(c -> c.getPackageName().startsWith(module)),
          "no class of " + module + " was found");
    }
  }

  private static boolean isIn(String packageName, List<String> patterns) {
    return patterns.stream()
        .map(p -> p.substring(0, p.length() - 2))
        .anyMatch(p -> packageName.equals(p) || packageName.startsWith(p + "."));
  }
}
