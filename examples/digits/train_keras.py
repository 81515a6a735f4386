"""Trains the same two architectures with Keras 3 and writes their files and outputs."""

import os
import shutil

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from data import HERE, NHWC, SEED, report, save_expected, split_digits


def simple_nn():
    """The same function as SimpleNN: logits, no softmax."""
    return keras.Sequential(
        [keras.Input((64,), name="x"), layers.Dense(32, activation="relu"), layers.Dense(10)], name="simple_nn"
    )


def conv_net():
    """Keras's way of the same architecture: NHWC, BatchNormalization with Keras's epsilon, softmax inside."""
    x = images = keras.Input((8, 8, 1), name="images")
    for filters in (12, 20):
        x = layers.Conv2D(filters, 3, padding="same")(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.25)(x)
    digits = layers.Dense(10, activation="softmax", name="probabilities")(x)
    return keras.Model(images, digits, name="conv_net")


def train(model, inputs, labels, epochs, from_logits):
    model.compile(
        optimizer=keras.optimizers.Adam(3e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits),
    )
    model.fit(inputs, labels, batch_size=32, epochs=epochs, verbose=0)


def save(name, model, inputs):
    def fresh(folder):
        shutil.rmtree(folder, ignore_errors=True)
        return str(folder)

    model.save(HERE / f"{name}.keras")
    model.export(fresh(HERE / f"{name}_saved_model"), verbose=False)
    # Without the optimizer's slots, which no inference needs, but through TensorFlow's own writer.
    inference = keras.models.clone_model(model)
    inference.set_weights(model.get_weights())
    tf.saved_model.save(inference, fresh(HERE / f"{name}_tf_saved_model"))
    outputs = np.asarray(model(inputs, training=False))
    save_expected(f"keras_{name}", outputs)
    return outputs


def main():
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(SEED)
    train_x, test_x, train_y, test_y = split_digits()
    simple = simple_nn()
    train(simple, train_x, train_y, epochs=60, from_logits=True)
    report("keras simple_nn", save("simple_nn", simple, test_x), test_y)
    conv = conv_net()
    train(conv, train_x.reshape(NHWC), train_y, epochs=30, from_logits=False)
    report("keras conv_net", save("conv_net", conv, test_x.reshape(NHWC)), test_y)


if __name__ == "__main__":
    main()
