class auto:
    pass


class EnumMeta(type):
    def __new__(mcs, name, bases, namespace, **kwargs):
        members = {}
        plain = {}
        for key, value in namespace.items():
            hidden = key.startswith('_')
            callable_member = callable(value) or isinstance(value, (property, staticmethod,
                                                                    classmethod))
            if hidden or callable_member:
                plain[key] = value
            else:
                members[key] = value
        cls = super().__new__(mcs, name, bases, plain)
        cls._member_map_ = {}
        cls._member_names_ = []
        last = 0
        for key, value in members.items():
            if isinstance(value, auto):
                generate = plain.get('_generate_next_value_')
                if generate is not None:
                    value = generate(key, 1, len(cls._member_names_), [])
                elif issubclass(cls, str):
                    value = key.lower()
                else:
                    value = last + 1
            if isinstance(value, int):
                last = value
            same = [m for m in cls._member_map_.values() if m._value_ == value]
            if same:
                member = same[0]
            else:
                if issubclass(cls, str):
                    member = str.__new__(cls, value)
                elif issubclass(cls, int):
                    member = int.__new__(cls, value)
                else:
                    member = object.__new__(cls)
                object.__setattr__(member, '_name_', key)
                object.__setattr__(member, '_value_', value)
                if '__init__' in plain:
                    plain['__init__'](member, *(value if isinstance(value, tuple) else (value,)))
                cls._member_names_.append(key)
            cls._member_map_[key] = member
            setattr(cls, key, member)
        return cls

    def __call__(cls, value):
        for member in cls._member_map_.values():
            if member._value_ == value or member is value:
                return member
        missing = cls._missing_(value)
        if missing is not None:
            return missing
        raise ValueError(f'{value!r} is not a valid {cls.__name__}')

    def __iter__(cls):
        return iter([cls._member_map_[name] for name in cls._member_names_])

    def __len__(cls):
        return len(cls._member_names_)

    def __contains__(cls, value):
        return any(m is value or m._value_ == value for m in cls._member_map_.values())

    def __getitem__(cls, name):
        return cls._member_map_[name]

    @property
    def __members__(cls):
        return dict(cls._member_map_)


class Enum(metaclass=EnumMeta):
    @property
    def name(self):
        return self._name_

    @property
    def value(self):
        return self._value_

    @classmethod
    def _missing_(cls, value):
        return None

    def __repr__(self):
        return f'<{type(self).__name__}.{self._name_}: {self._value_!r}>'

    def __str__(self):
        return f'{type(self).__name__}.{self._name_}'


class IntEnum(int, Enum):
    def __str__(self):
        return str(self._value_)


class StrEnum(str, Enum):
    def __str__(self):
        return self._value_


def unique(cls):
    return cls
