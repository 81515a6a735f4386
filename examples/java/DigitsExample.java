import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.Session;
import dev.isomorph.runtime.device.Device;
import java.nio.file.Path;
import java.util.Map;

/** Loads a trained network and classifies one handwritten digit. */
public final class DigitsExample {
  private DigitsExample() {}

  /** {@return the digit that a picture of 8 by 8 grey values shows} */
  public static int classify(Path file, float[] pixels) {
    try (Model model = Importers.load(file);
        Session session = Session.open(model, Device.auto())) {
      String input = session.signature().inputs().getFirst().name();
      String output = session.signature().outputs().getFirst().name();
      Tensor logits = session.run(Map.of(input, Tensor.of(pixels, 1, 64))).tensor(output);
      float[] scores = logits.toFloats();
      int best = 0;
      for (int digit = 1; digit < scores.length; digit++) {
        best = scores[digit] > scores[best] ? digit : best;
      }
      return best;
    }
  }
}
