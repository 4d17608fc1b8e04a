"""Sentences and cells in many languages, and the encodings in which they are stored."""

LANGUAGES: dict[str, tuple[str, str]] = {
    "de": ("München;Köln;Düsseldorf;Fürth;Größe;Straße;Jörg Müller;Björn Weiß",
           "Die Lieferung nach Köln wurde am Dienstag überprüft und die Größe der Pakete "
           "geändert. Für die Straße in Düsseldorf fehlen noch Schlüssel."),
    "fr": ("Hélène;Besançon;Nîmes;Orléans;Crème brûlée;Prénom;Société Générale;Noël",
           "Le café a été livré à l'hôtel où les élèves dînaient. Après l'été, la société "
           "générale révisera les prix déjà annoncés à Besançon."),
    "es": ("Málaga;Peña;Logroño;Córdoba;José Muñoz;Año;Teléfono;Dirección",
           "El año pasado la compañía vendió más teléfonos en Málaga que en Córdoba. "
           "¿Cuándo llegará el señor Muñoz a la reunión?"),
    "pt": ("São Paulo;Goiânia;João;Conceição;Maranhão;Preço;Endereço;Salvação",
           "A situação econômica não é fácil, mas a produção de café em São Paulo cresceu. "
           "João e Conceição são irmãos."),
    "sv": ("Malmö;Göteborg;Örebro;Västerås;Åsa;Börje;Kött;Smör",
           "Företaget säljer kött och smör i Malmö och Göteborg. Åsa går på gården när det "
           "är höst och blåser från öster."),
    "da": ("København;Århus;Søren;Jørgensen;Ærø;Rødovre;Grønt;Blå",
           "Søren og Jørgen køber grønne æbler på Ærø. Året efter rejste de til Århus og "
           "blev på øen i en måned."),
    "it": ("Forlì;Cantù;Città;Qualità;Caffè;Perché;Unità;Nicolò",
           "La qualità del caffè è più alta in città. Perché Nicolò non verrà giovedì? Così "
           "l'attività sarà chiusa."),
    "pl": ("Łódź;Kraków;Gdańsk;Wrocław;Święta;Małgorzata;Źródło;Ilość",
           "Zażółć gęślą jaźń, powiedział sprzedawca z Łodzi. Ilość sprzedanych książek "
           "wzrosła we Wrocławiu o połowę, a źródło jest nieznane."),
    "cs": ("Plzeň;Říčany;Žďár;Jiří Novák;Množství;Ústí;Třebíč;Děčín",
           "Příliš žluťoučký kůň úpěl ďábelské ódy. Množství zboží ve skladu v Plzni se "
           "letos zvýšilo, říká ředitel Jiří Dvořák."),
    "hu": ("Győr;Kőszeg;Székesfehérvár;Összeg;Mennyiség;Török Gergő;Üröm;Vásárló",
           "Az összeg a vásárló számláján jelenik meg. Győrben hűvös őszi idő várható, a "
           "mennyiség nőtt."),
    "hr": ("Šibenik;Čakovec;Đakovo;Požega;Jurić;Količina;Županija;Šećer",
           "Količina šećera u županiji je veća nego lani. Čovjek iz Šibenika kaže da će "
           "doći već u četvrtak."),
    "ro": ("Iaşi;Constanţa;Târgu Mureş;Braşov;Preţ;Cantităţi;Însorit;Ştefan",
           "În Braşov preţurile au crescut faţă de anul trecut. Ştefan aşteaptă să fie "
           "livrată marfa în judeţul Iaşi."),
    "tr": ("İstanbul;Eskişehir;Muğla;Çağrı;Işıl;Şirket;Müşteri;Beyoğlu",
           "Müşteri sayısı İstanbul'da geçen yıla göre arttı. Şirketin yeni mağazası "
           "Beyoğlu'nda açılacak, çalışanlar için ışıl ışıl bir gün."),
    "lt": ("Šiauliai;Kėdainiai;Panevėžys;Mažeikiai;Kiekis šį mėnesį;Žąsis;Ūkis;Įmonė",
           "Įmonės pelnas šiais metais išaugo. Žmonės iš Šiaulių sako, kad ūkio kainos vėl "
           "didėja, o žąsų mažiau."),
    "lv": ("Rēzekne;Jūrmala;Cēsis;Līgums;Daudzums;Pārdošana;Ķekava;Šķirotava",
           "Pārdošanas apjoms Jūrmalā šogad ir pieaudzis. Līgumā norādītais daudzums tiks "
           "piegādāts līdz mēneša beigām uz Cēsīm."),
    "et": ("Jõhvi;Võru;Pärnu;Hüüru;Õunapuu;Müük;Käive;Töötaja",
           "Käive kasvas Pärnus ja Võrus. Töötajad ütlevad, et õunapuude müük läheb sügisel "
           "hästi."),
    "ru": ("Москва;Санкт-Петербург;Иванов;Количество;Цена;Склад;Уфа;Ёлка",
           "Продажи в Москве выросли на десять процентов. Директор сказал, что новый склад "
           "откроют в следующем году, а цены снизят."),
    "uk": ("Київ;Львів;Їжак;Євген;Кількість;Ціна;Харків;Одеса",
           "Кількість покупців у Києві зросла. Її директор каже, що ціни на хліб цього року "
           "підвищаться, але не дуже."),
    "bg": ("София;Пловдив;Бургас;Количество;Цена;Търговище;Русе;Ямбол",
           "Продажбите в София се увеличиха с десет процента. Директорът каза, че новият "
           "склад ще бъде отворен през пролетта."),
    "el": ("Αθήνα;Θεσσαλονίκη;Πάτρα;Ποσότητα;Τιμή;Γιώργος;Κρήτη;Ελένη",
           "Οι πωλήσεις στην Αθήνα αυξήθηκαν. Ο διευθυντής είπε ότι η νέα αποθήκη θα "
           "ανοίξει το επόμενο έτος και οι τιμές θα πέσουν."),
    "he": ("תל אביב;ירושלים;חיפה;כמות;מחיר;שם לקוח;באר שבע;כתובת",
           "המכירות בתל אביב עלו בעשרה אחוזים. המנהל אמר שהמחסן החדש ייפתח בשנה הבאה "
           "והמחירים ירדו."),
    "ar": ("القاهرة;الرياض;دبي;الكمية;السعر;اسم العميل;بغداد;العنوان",
           "ارتفعت المبيعات في القاهرة هذا العام. قال المدير إن المخزن الجديد سيفتح في "
           "السنة القادمة وستنخفض الأسعار."),
    "th": ("กรุงเทพ;เชียงใหม่;ภูเก็ต;จำนวน;ราคา;ชื่อลูกค้า;ขอนแก่น;ที่อยู่",
           "ยอดขายในกรุงเทพเพิ่มขึ้นในปีนี้ "
           "ผู้จัดการกล่าวว่าจะเปิดคลังสินค้าใหม่ในปีหน้าและราคาจะลดลง"),
    "vi": ("Hà Nội;Đà Nẵng;Cần Thơ;Số lượng;Giá;Địa chỉ;Nguyễn Văn;Huế",
           "Doanh số bán hàng tại Hà Nội đã tăng trong năm nay. Giám đốc nói rằng kho mới "
           "sẽ được mở vào năm sau."),
    "ja": ("東京都;大阪府;株式会社;数量;価格;佐藤花子;札幌;さいたま市",
           "今年の売上は東京で増えました。社長は新しい倉庫を来年開くと話しています。お客様のデータはこちらです。"),
    "zh": ("北京;上海;数量;价格;客户名称;王小明;杭州;地址",
           "今年北京的销售额增加了。经理说新的仓库明年开放，价格也会下降。客户的地址请看下面的表。"),
    "tw": ("臺北;高雄;數量;價格;客戶名稱;王小明;新竹;地址",
           "今年臺北的銷售額增加了。經理說新的倉庫明年開放，價格也會下降。客戶的地址請看下面的表。"),
    "ko": ("서울;부산;수량;가격;고객명;김민수;대전;주소",
           "올해 서울의 판매가 늘었습니다. 사장은 내년에 "
           "새로운 창고를 열고 가격을 내린다고 말했습니다. 고객 주소는 아래를 보세요."),
}  # fmt: skip
"""Cells and sentences."""

ENCODINGS: dict[str, tuple[str, ...]] = {
    "utf-8": tuple(LANGUAGES),
    "utf-8-sig": ("de", "ru", "ja"),
    "utf-16": ("de", "ru", "zh", "ar"),
    "utf-16-le": ("de", "ru", "zh", "th"),
    "utf-16-be": ("fr", "el", "ko", "he"),
    "utf-32": ("pl", "ja"),
    "utf-32-le": ("de", "zh", "ru"),
    "utf-32-be": ("es", "ko"),
    "cp1250": ("pl", "cs", "hu", "hr", "ro"),
    "cp1251": ("ru", "uk", "bg"),
    "cp1252": ("de", "fr", "es", "pt", "sv", "da", "it"),
    "cp1253": ("el",),
    "cp1254": ("tr",),
    "cp1255": ("he",),
    "cp1256": ("ar",),
    "cp1257": ("lt", "lv", "et"),
    "cp1258": ("vi",),
    "latin-1": ("de", "fr", "es", "pt", "sv", "da", "it"),
    "iso8859-2": ("pl", "cs", "hu", "hr", "ro"),
    "iso8859-5": ("ru", "bg"),
    "iso8859-7": ("el",),
    "iso8859-8": ("he",),
    "iso8859-9": ("tr",),
    "iso8859-15": ("fr", "de", "et"),
    "koi8-r": ("ru",),
    "koi8-u": ("uk", "ru"),
    "cp437": ("de", "es", "it"),
    "cp850": ("de", "fr", "es", "pt", "sv", "da"),
    "cp852": ("pl", "cs", "hu", "hr"),
    "cp866": ("ru",),
    "mac-roman": ("de", "fr", "es", "pt", "sv", "da", "it"),
    "mac-cyrillic": ("ru", "uk"),
    "shift_jis": ("ja",),
    "euc_jp": ("ja",),
    "iso2022_jp": ("ja",),
    "gb18030": ("zh",),
    "gbk": ("zh",),
    "big5": ("tw",),
    "euc_kr": ("ko",),
    "cp874": ("th",),
}
"""Each encoding with languages that are stored in it."""
